package io.waystation.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the installation lets the operator and people do. That it is enough for the operator, the end-to-end tests
/// show.
class InstallationRightsTest {
    private static final Path MANIFEST = Path.of("../deploy/install/operator.yaml");

    /// The roles, by name.
    private static Map<String, HasMetadata> roles() throws IOException {
        var roles = new TreeMap<String, HasMetadata>();
        for (var text : Files.readString(MANIFEST).split("\n---\n", -1)) {
            var object = new KubernetesSerialization().unmarshal(text, HasMetadata.class);
            if (object instanceof ClusterRole || object instanceof Role) {
                roles.put(object.getMetadata().getName(), object);
            }
        }
        return roles;
    }

    private static List<PolicyRule> rules(HasMetadata role) {
        return role instanceof ClusterRole cluster ? cluster.getRules() : ((Role) role).getRules();
    }

    /// Those of the operator.
    private static List<PolicyRule> rules() throws IOException {
        return roles().entrySet().stream()
                .filter(role -> role.getKey().startsWith("waystation-operator"))
                .flatMap(role -> rules(role.getValue()).stream())
                .toList();
    }

    @Test
    void peopleGetTheirRightsWithKubernetesOwnRoles() throws IOException {
        assertThat(granted("waystation-view", "view", "edit", "admin"))
                .containsExactly("channels get,list,watch", "messageclusters get,list,watch", "topics get,list,watch");
        assertThat(granted("waystation-edit", "edit", "admin"))
                .allMatch(right -> right.endsWith(" create,update,patch,delete,deletecollection"))
                .extracting(right -> right.split(" ", 2)[0])
                .containsExactly("channels", "topics");
        assertThat(granted("waystation-admin", "admin"))
                .allMatch(right -> right.endsWith(" create,update,patch,delete,deletecollection"))
                .extracting(right -> right.split(" ", 2)[0])
                .containsExactly("messageclusters", "messageclusters/scale");
    }

    /// What a role grants that is part of exactly these.
    private static Set<String> granted(String name, String... partOf) throws IOException {
        var role = Objects.requireNonNull(roles().get(name));
        assertThat(role.getMetadata().getLabels())
                .isEqualTo(Arrays.stream(partOf)
                        .collect(Collectors.toMap(
                                part -> "rbac.authorization.k8s.io/aggregate-to-" + part, part -> "true")));
        var granted = new TreeSet<String>();
        for (var rule : rules(role)) {
            assertThat(rule.getApiGroups()).containsExactly("waystation.io");
            for (var resource : rule.getResources()) {
                granted.add(resource + " " + String.join(",", rule.getVerbs()));
            }
        }
        return granted;
    }

    @Test
    void nothingIsGrantedByWildcard() throws IOException {
        assertThat(rules()).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.getApiGroups()).doesNotContain("*");
            assertThat(rule.getResources()).doesNotContain("*");
            assertThat(rule.getVerbs()).doesNotContain("*");
        });
    }

    @Test
    void nothingIsDeletedAndNoRightIsPassedOn() throws IOException {
        assertThat(rules())
                .allSatisfy(rule -> assertThat(rule.getVerbs())
                        .doesNotContain("delete", "deletecollection", "bind", "escalate", "impersonate"));
    }

    @Test
    void secretsNodesAndShellsAreOutOfReach() throws IOException {
        assertThat(rules())
                .allSatisfy(rule -> assertThat(rule.getResources())
                        .doesNotContain("secrets", "nodes", "namespaces", "pods/exec", "pods/attach", "pods/proxy"));
    }

    @Test
    void whatUsersWriteIsNotTheOperators() throws IOException {
        assertThat(rules())
                .filteredOn(rule -> rule.getResources().contains("messageclusters"))
                .singleElement()
                .satisfies(rule -> assertThat(rule.getVerbs()).containsExactly("get", "list", "watch"));
    }
}
