package io.waystation.operator.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/// A channel of a topic, on every broker of its cluster.
@Group("waystation.io")
@Version("v1beta1")
@Kind("Channel")
@Singular("channel")
@Plural("channels")
@ShortNames("wch")
@Categories("waystation")
@ValidationRule(
        value = "has(self.spec.name) || size(self.metadata.name) <= 64",
        message = "spec.name is needed when metadata.name has more than 64 characters: NSQ's names have no more")
@AdditionalPrinterColumn(name = "Cluster", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.cluster")
@AdditionalPrinterColumn(name = "Topic", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.topic")
@AdditionalPrinterColumn(name = "Channel", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.channel")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Depth",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1,
        jsonPath = ".status.depth")
@AdditionalPrinterColumn(
        name = "InFlight",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1,
        jsonPath = ".status.inFlight")
@AdditionalPrinterColumn(
        name = "Consumers",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1,
        jsonPath = ".status.consumers")
@AdditionalPrinterColumn(
        name = "Delivery",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".spec.delivery")
public final class Channel extends CustomResource<ChannelSpec, ChannelStatus> implements Namespaced {
    private static final long serialVersionUID = 1;
}
