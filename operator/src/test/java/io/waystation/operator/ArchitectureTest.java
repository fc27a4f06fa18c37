package io.waystation.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The walls inside the operator.
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.waystation.operator");

    private static final String PLAN = "io.waystation.operator.plan..";
    private static final String APPLY = "io.waystation.operator.apply";

    /// Methods of the Kubernetes client, and of the SDK, that write.
    private static final Set<String> WRITES = Set.of(
            "accept",
            "create",
            "createOr",
            "createOrReplace",
            "delete",
            "edit",
            "editStatus",
            "evict",
            "patch",
            "patchStatus",
            "replace",
            "replaceStatus",
            "rolling",
            "scale",
            "serverSideApply",
            "update",
            "updateStatus");

    /// What takes a pod out of service, or lets a set count fewer.
    private static final Set<String> DISRUPTIVE_WRITES = Set.of("delete", "evict", "scale");

    @Test
    void dependenciesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.waystation.operator..")
                .layer("api")
                .definedBy("io.waystation.operator.api..")
                .layer("broker")
                .definedBy("io.waystation.operator.broker..")
                .layer("plan")
                .definedBy(PLAN)
                .layer("apply")
                .definedBy("io.waystation.operator.apply..")
                .layer("reconciler")
                .definedBy("io.waystation.operator.reconciler..")
                .layer("program")
                .definedBy("io.waystation.operator")
                .whereLayer("api")
                .mayNotAccessAnyLayer()
                .whereLayer("broker")
                .mayNotAccessAnyLayer()
                .whereLayer("plan")
                .mayOnlyAccessLayers("api", "broker")
                .whereLayer("apply")
                .mayOnlyAccessLayers("api", "broker", "plan")
                .whereLayer("reconciler")
                .mayOnlyAccessLayers("api", "broker", "plan", "apply")
                .whereLayer("program")
                .mayNotBeAccessedByAnyLayer()
                .check(MAIN);
    }

    @Test
    void noPackageIsInACycle() {
        slices().matching("io.waystation.operator.(*)..")
                .should()
                .beFreeOfCycles()
                .check(MAIN);
    }

    @Test
    void plansKnowNoClientNoFilesAndNoThreads() {
        noClasses()
                .that()
                .resideInAPackage(PLAN)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8.kubernetes.client..",
                        "io.javaoperatorsdk..",
                        "java.io..",
                        "java.net..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.util.concurrent..",
                        "java.util.random..",
                        "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleNameEndingWith("Random")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, Runtime.class, java.time.Clock.class)
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("io\\.waystation\\.operator\\.broker\\.(BrokerClient|JsonCalls)([$].*)?")
                .check(MAIN);
    }

    @Test
    void plansAndResourcesReadNoClockAndNothingOfTheProcess() {
        var readers = typesThat(type -> (type.getPackageName().startsWith("io.waystation.operator.plan")
                        || type.getPackageName().startsWith("io.waystation.operator.api"))
                && type.getAccessesFromSelf().stream().anyMatch(ArchitectureTest::readsSurroundings));

        assertThat(readers).isEmpty();
    }

    @Test
    void onlyApplyWritesToKubernetes() {
        var writers = typesThat(type -> !type.getPackageName().equals(APPLY) && calls(type, WRITES));

        assertThat(writers).isEmpty();
        assertThat(typesThat(type -> calls(type, WRITES)))
                .as("classes that write")
                .isNotEmpty();
    }

    @Test
    void onlyDisruptionsTakesSomethingOutOfService() {
        var disruptive = typesThat(type -> calls(type, DISRUPTIVE_WRITES));

        assertThat(disruptive).containsExactly("io.waystation.operator.apply.Disruptions");
    }

    @Test
    void aClassIsNamedForWhatItIs() {
        var unnamed = typesThat(
                type -> type.getSimpleName().matches(".*(Manager|Helper|Utils?|Impl|Service|Processor|Data|Info)"));

        assertThat(unnamed).isEmpty();
    }

    /// A reason that nothing gives is one that nobody can look up in vain.
    @Test
    void everythingThatAStatusOrEventMaySayIsSaidBySomeone() {
        var unsaid = new TreeSet<String>();
        for (var type : MAIN) {
            if (type.isEnum() && type.getPackageName().equals("io.waystation.operator.api")) {
                for (var constant : type.getEnumConstants()) {
                    boolean said = constant.getDeclaringClass().getField(constant.name()).getAccessesToSelf().stream()
                            .anyMatch(access -> !access.getOriginOwner().equals(type));
                    if (!said) {
                        unsaid.add(type.getSimpleName() + "." + constant.name());
                    }
                }
            }
        }

        // What users write and nobody compares with.
        unsaid.removeAll(Set.of(
                "StartFrom.Earliest",
                "StartFrom.Latest",
                "VolumePolicy.Delete",
                "DeletionPolicy.Delete",
                "Delivery.Shared",
                "Delivery.Exclusive",
                "Delivery.KeyShared",
                "Flush.Os",
                "Flush.Disk",
                "RetentionPolicy.Consumed",
                "RetentionPolicy.Bounded"));
        assertThat(unsaid).isEmpty();
    }

    private static Set<String> typesThat(Predicate<JavaClass> are) {
        var names = new TreeSet<String>();
        for (var type : MAIN) {
            if (are.test(type)) {
                names.add(type.getName());
            }
        }
        return names;
    }

    private static boolean readsSurroundings(JavaAccess<?> access) {
        var type = access.getTargetOwner().getName();
        var method = access.getTarget().getName();
        return type.equals("java.lang.System")
                || (type.equals("java.util.Locale") && method.equals("getDefault"))
                || (type.equals("java.util.UUID") && method.equals("randomUUID"))
                || (type.equals("java.lang.Math") && method.equals("random"))
                || (type.startsWith("java.time.") && (method.equals("now") || method.startsWith("system")));
    }

    private static boolean calls(JavaClass type, Set<String> methods) {
        return type.getAccessesFromSelf().stream()
                .anyMatch(access -> isClient(access.getTargetOwner().getPackageName())
                        && methods.contains(access.getTarget().getName()));
    }

    private static boolean isClient(String packageName) {
        return packageName.startsWith("io.fabric8.kubernetes.client.dsl")
                || packageName.equals("io.fabric8.kubernetes.client.extension");
    }
}
