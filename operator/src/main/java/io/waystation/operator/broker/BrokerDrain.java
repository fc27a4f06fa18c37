package io.waystation.operator.broker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/// How far a cordoned broker is from being empty.
@JsonIgnoreProperties(ignoreUnknown = true)
public record BrokerDrain(boolean cordoned, long unfinished, long consumers) {}
