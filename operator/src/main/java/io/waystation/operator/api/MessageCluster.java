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

/// The brokers and lookups of one cluster.
@Group("waystation.io")
@Version("v1beta1")
@Kind("MessageCluster")
@Singular("messagecluster")
@Plural("messageclusters")
@ShortNames("wmc")
@Categories({"waystation", "all"})
@ValidationRule(
        value = "size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        message = "metadata.name must be of at most 40 lower-case letters, digits and '-', and start with a letter:"
                + " Services and pods are named after it")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Brokers",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.brokersReady")
@AdditionalPrinterColumn(name = "Lookup", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.lookupsReady")
@AdditionalPrinterColumn(name = "Version", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.version")
@AdditionalPrinterColumn(
        name = "Operation",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.operation.type")
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
        name = "Degraded",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".status.conditions[?(@.type==\"Degraded\")].reason")
public final class MessageCluster extends CustomResource<MessageClusterSpec, MessageClusterStatus>
        implements Namespaced {
    private static final long serialVersionUID = 1;
}
