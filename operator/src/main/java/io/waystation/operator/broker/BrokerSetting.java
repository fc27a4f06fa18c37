package io.waystation.operator.broker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/// One effective option of a broker: `origin` is `flag`, `file`, `default` or `api`, `change` is `dynamic` or
/// `restart`.
@JsonIgnoreProperties(ignoreUnknown = true)
public record BrokerSetting(String name, String value, String origin, String change) {}
