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

/// A topic that exists on every broker of a cluster.
@Group("waystation.io")
@Version("v1beta1")
@Kind("Topic")
@Singular("topic")
@Plural("topics")
@ShortNames("wt")
@Categories("waystation")
@ValidationRule(
        value = "has(self.spec.name) || size(self.metadata.name) <= 64",
        message = "spec.name is needed when metadata.name has more than 64 characters: NSQ's names have no more")
@AdditionalPrinterColumn(
        name = "Cluster",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.clusterRef.name")
@AdditionalPrinterColumn(name = "Topic", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.topic")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Unfinished",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1,
        jsonPath = ".status.unfinished")
@AdditionalPrinterColumn(
        name = "Size",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1,
        jsonPath = ".status.sizeBytes")
@AdditionalPrinterColumn(
        name = "Flush",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".spec.durability.flush")
@AdditionalPrinterColumn(
        name = "Policy",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".spec.deletionPolicy")
public final class Topic extends CustomResource<TopicSpec, TopicStatus> implements Namespaced {
    private static final long serialVersionUID = 1;
}
