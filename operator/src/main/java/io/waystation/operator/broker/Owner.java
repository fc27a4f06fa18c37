package io.waystation.operator.broker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/// The resource that a topic or channel belongs to, as recorded by a broker: its uid, and `<namespace>/<name>`.
@JsonIgnoreProperties(ignoreUnknown = true)
public record Owner(String uid, String ref) {}
