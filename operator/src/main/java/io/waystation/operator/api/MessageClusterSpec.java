package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a user asks for.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MessageClusterSpec(
        @JsonPropertyDescription("Image of brokers and lookups. Default: the operator's own release.")
        @Size(min = 1, max = 512) @Nullable String image,

        @Required Brokers brokers,

        @JsonPropertyDescription("The lookups. Changing their number restarts no broker.") @Nullable Lookup lookup) {
    static final int DEFAULT_LOOKUPS = 2;

    public int lookupReplicas() {
        return lookup == null || lookup.replicas() == null ? DEFAULT_LOOKUPS : lookup.replicas();
    }

    public @Nullable Resources lookupResources() {
        return lookup == null ? null : lookup.resources();
    }

    /// The brokers.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Brokers(
            @JsonPropertyDescription("Number of brokers. Lowering it drains the leaving brokers first, one at a time.")
            @Min(1) @Max(99) @Default("1")
            @SpecReplicas
            @Nullable Integer replicas,

            @Required Storage storage,
            @Nullable Resources resources,

            @JsonPropertyDescription("Options of the broker by the names of their flags, values in quotes, for example"
                    + " msg-timeout: \"60s\". Those that a running broker can take over restart nothing.")
            @Size(max = 64) @ValidationRule(
                    value = "self.all(name, name.matches('^[a-z][a-z0-9-]{0,63}$'))",
                    message = "settings must have the names of the broker's flags, without dashes before them")
            @ValidationRule(
                    value = "!self.exists(name, name in ['config', 'data-path', 'node-id', 'broadcast-address',"
                            + " 'broadcast-tcp-port', 'broadcast-http-port', 'tcp-address', 'http-address',"
                            + " 'lookupd-tcp-address', 'cluster-id'])",
                    message = "settings must not contain what the operator sets itself: config, data-path, node-id,"
                            + " broadcast-address, broadcast-tcp-port, broadcast-http-port, tcp-address,"
                            + " http-address, lookupd-tcp-address, cluster-id")
            @Nullable Map<String, String> settings) {
        public int count() {
            return replicas == null ? 1 : replicas;
        }

        /// By name, sorted.
        public Map<String, String> sortedSettings() {
            return settings == null ? Map.of() : new TreeMap<>(settings);
        }
    }

    /// The volume of each broker.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0",
            message = "size must not become less: volumes grow and never shrink",
            fieldPath = ".size")
    @ValidationRule(
            value = "has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName)"
                    + " || self.storageClassName == oldSelf.storageClassName)",
            message = "storageClassName is immutable: make another MessageCluster")
    public record Storage(
            @JsonPropertyDescription(
                    "Size of the volume of each broker, for example 20Gi. It may grow where the storage"
                            + " class allows it.")
            @Required
            @Pattern("^[1-9][0-9]{0,11}(Mi|Gi|Ti|M|G|T)$") @Size(max = 15) String size,

            @JsonPropertyDescription("Default: the storage class that the Kubernetes cluster has as default.")
            @Size(min = 1, max = 253) @Nullable String storageClassName,

            @JsonPropertyDescription("What deleting this resource does to the volumes.") @Default("Retain") @Nullable VolumePolicy onDelete) {
        public VolumePolicy onClusterDeletion() {
            return onDelete == null ? VolumePolicy.Retain : onDelete;
        }
    }

    /// The lookups.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Lookup(
            @Min(1) @Max(9) @Default("2") @Nullable Integer replicas,

            @Nullable Resources resources) {}

    /// Requests and limits of a container, as in a pod. A StatefulSet takes requests above limits, of which no pod
    /// can be made; rules over all names would cost the API server more than it allows.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.requests) || !has(self.limits) || !('cpu' in self.requests) || !('cpu' in self.limits) ||"
                            + " quantity(string(self.requests['cpu'])).compareTo(quantity(string(self.limits['cpu']))) <= 0",
            message = "requests.cpu must be at most limits.cpu: no pod can be made otherwise")
    @ValidationRule(
            value =
                    "!has(self.requests) || !has(self.limits) || !('memory' in self.requests) || !('memory' in self.limits) ||"
                            + " quantity(string(self.requests['memory'])).compareTo(quantity(string(self.limits['memory']))) <= 0",
            message = "requests.memory must be at most limits.memory: no pod can be made otherwise")
    public record Resources(
            @Size(max = 16) @Nullable Map<String, Quantity> requests,
            @Size(max = 16) @Nullable Map<String, Quantity> limits) {}
}
