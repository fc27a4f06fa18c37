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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the installation lets the operator do. That it is enough, the end-to-end tests show.
class InstallationRightsTest {
    private static final Path MANIFEST = Path.of("../deploy/install/operator.yaml");

    private static List<PolicyRule> rules() throws IOException {
        var rules = new ArrayList<PolicyRule>();
        for (var text : Files.readString(MANIFEST).split("\n---\n", -1)) {
            var object = new KubernetesSerialization().unmarshal(text, HasMetadata.class);
            if (object instanceof ClusterRole role) {
                rules.addAll(role.getRules());
            } else if (object instanceof Role role) {
                rules.addAll(role.getRules());
            }
        }
        return rules;
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
