package io.waystation.operator.apply;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Objects;

/// Sets and removes the operator's finalizer. A conflict with another writer is an exception; the next pass tries
/// again. Safe from any thread: immutable.
public final class Finalizers {
    public static final String NAME = "waystation.io/messages";

    private static final PatchContext JSON_PATCH = PatchContext.of(PatchType.JSON);

    private final KubernetesClient client;
    private final ObjectMapper json = new ObjectMapper();

    public Finalizers(KubernetesClient client) {
        this.client = client;
    }

    public void add(HasMetadata resource) {
        var live = client.resource(resource).get();
        if (isOther(live, resource) || live.hasFinalizer(NAME)) {
            return;
        }
        boolean first = live.getFinalizers().isEmpty();
        patch(live, "add", first ? "/metadata/finalizers" : "/metadata/finalizers/-", first);
    }

    public void remove(HasMetadata resource) {
        var live = client.resource(resource).get();
        if (isOther(live, resource) || !live.hasFinalizer(NAME)) {
            return;
        }
        patch(live, "remove", "/metadata/finalizers/" + live.getFinalizers().indexOf(NAME), false);
    }

    private static boolean isOther(HasMetadata live, HasMetadata resource) {
        return live == null
                || !Objects.equals(
                        live.getMetadata().getUid(), resource.getMetadata().getUid());
    }

    private void patch(HasMetadata live, String operation, String path, boolean list) {
        var patch = json.createArrayNode();
        patch.addObject()
                .put("op", "test")
                .put("path", "/metadata/resourceVersion")
                .put("value", live.getMetadata().getResourceVersion());
        var change = patch.addObject().put("op", operation).put("path", path);
        if (operation.equals("add")) {
            change.set("value", list ? json.valueToTree(List.of(NAME)) : json.valueToTree(NAME));
        }
        client.resource(live).patch(JSON_PATCH, patch.toString());
    }
}
