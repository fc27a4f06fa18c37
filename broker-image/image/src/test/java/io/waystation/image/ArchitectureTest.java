package io.waystation.image;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The walls between and inside the modules of the broker image.
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.waystation");

    private static final String[] CORE = {"io.waystation.wire..", "io.waystation.log..", "io.waystation.channel.."};

    /// What threads share state by. Futures, executors and units of time are not in it: they hand over, or hold
    /// nothing.
    private static final Set<String> SHARED = Set.of(
            "java.util.concurrent.ArrayBlockingQueue",
            "java.util.concurrent.BlockingQueue",
            "java.util.concurrent.ConcurrentHashMap",
            "java.util.concurrent.CountDownLatch",
            "java.util.concurrent.Semaphore");

    /// The classes that more than one thread touches, each safe for the reason that its first paragraph gives.
    private static final Set<String> CROSS_THREADS = Set.of(
            "io.waystation.broker.Broker",
            "io.waystation.broker.SpaceWatch",
            "io.waystation.broker.auth.AuthServers",
            "io.waystation.broker.http.PeekApi",
            "io.waystation.broker.metrics.DiskWaits",
            "io.waystation.broker.metrics.MetricsApi",
            "io.waystation.broker.net.Connection",
            "io.waystation.broker.net.InputMemory",
            "io.waystation.broker.net.OutputMemory",
            "io.waystation.broker.net.Questions",
            "io.waystation.broker.net.Room",
            "io.waystation.broker.net.TcpServer",
            "io.waystation.broker.net.Turns",
            "io.waystation.broker.registration.LookupPeer",
            "io.waystation.broker.registration.Registration",
            "io.waystation.broker.topic.OpeningFiles",
            "io.waystation.broker.topic.PublishRefusals",
            "io.waystation.broker.topic.Quota",
            "io.waystation.broker.topic.Topic",
            "io.waystation.broker.topic.TopicDirectories",
            "io.waystation.broker.topic.Topics",
            "io.waystation.broker.topic.Volume",
            "io.waystation.client.Consumer",
            "io.waystation.client.Discovery",
            "io.waystation.client.Feed",
            "io.waystation.client.HandlerThread",
            "io.waystation.client.NsqConnection",
            "io.waystation.client.Producer",
            "io.waystation.daemon.DebugApi",
            "io.waystation.daemon.HttpBodies",
            "io.waystation.daemon.LargeGarbage",
            "io.waystation.daemon.HttpReplyCounts",
            "io.waystation.daemon.HttpSlots",
            "io.waystation.daemon.LogQueue",
            "io.waystation.daemon.Program",
            "io.waystation.daemon.ServerTls",
            "io.waystation.daemon.Settings",
            "io.waystation.daemon.TcpListener",
            "io.waystation.daemon.TlsLayer",
            "io.waystation.daemon.metrics.SharedHistogram",
            "io.waystation.log.DataDirectory",
            "io.waystation.log.RecoveryPoint",
            "io.waystation.lookup.RegistrationDb",
            "io.waystation.tools.NsqStat",
            "io.waystation.tools.NsqTail",
            "io.waystation.tools.Terminal",
            "io.waystation.tools.ToNsq",
            "io.waystation.tools.Tool");

    /// Listeners and connections of the programs.
    private static final Set<String> NETTY = Set.of(
            "io.waystation.daemon.HttpApi",
            "io.waystation.daemon.HttpBody",
            "io.waystation.daemon.HttpConnection",
            "io.waystation.daemon.HttpHead",
            "io.waystation.daemon.HttpIntake",
            "io.waystation.daemon.HttpStream",
            "io.waystation.daemon.HttpTarget",
            "io.waystation.daemon.LingeringClose",
            "io.waystation.daemon.Listener",
            "io.waystation.daemon.ServerTls",
            "io.waystation.daemon.TcpListener",
            "io.waystation.daemon.TlsLayer",
            "io.waystation.lookup.Lookup",
            "io.waystation.lookup.LookupConnection");

    /// Where the system's clocks come in: programs, and what drives loops and sockets. All others are given the time.
    private static final Set<String> CLOCK_READERS = Set.of(
            "io.waystation.broker.Broker",
            "io.waystation.broker.http.StatsApi",
            "io.waystation.broker.net.Loops",
            "io.waystation.broker.net.NettyLoopThread",
            "io.waystation.client.Consumer",
            "io.waystation.client.HandlerThread",
            "io.waystation.daemon.HttpConnection",
            "io.waystation.daemon.LogQueue",
            "io.waystation.lookup.Clock",
            "io.waystation.tools.Terminal",
            "io.waystation.tools.Tool");

    @Test
    void everyModuleIsSeen() {
        for (var module :
                List.of("wire", "log", "channel", "daemon", "broker", "lookup", "client", "tools", "sim", "image")) {
            assertThat(MAIN.containPackage("io.waystation." + module))
                    .as(module)
                    .isTrue();
        }
    }

    @Test
    void dependenciesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.waystation..")
                .layer("wire")
                .definedBy("io.waystation.wire..")
                .layer("log")
                .definedBy("io.waystation.log..")
                .layer("channel")
                .definedBy("io.waystation.channel..")
                .layer("daemon")
                .definedBy("io.waystation.daemon..")
                .layer("broker")
                .definedBy("io.waystation.broker..")
                .layer("lookup")
                .definedBy("io.waystation.lookup..")
                .layer("client")
                .definedBy("io.waystation.client..")
                .layer("tools")
                .definedBy("io.waystation.tools..")
                .layer("sim")
                .definedBy("io.waystation.sim..")
                .layer("image")
                .definedBy("io.waystation.image..")
                .whereLayer("wire")
                .mayNotAccessAnyLayer()
                .whereLayer("log")
                .mayNotAccessAnyLayer()
                .whereLayer("channel")
                .mayOnlyAccessLayers("log")
                .whereLayer("daemon")
                .mayOnlyAccessLayers("wire")
                .whereLayer("broker")
                .mayOnlyAccessLayers("wire", "log", "channel", "daemon")
                .whereLayer("lookup")
                .mayOnlyAccessLayers("wire", "daemon")
                .whereLayer("client")
                .mayOnlyAccessLayers("wire")
                .whereLayer("tools")
                .mayOnlyAccessLayers("client", "daemon", "wire")
                .whereLayer("sim")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("image")
                .mayNotBeAccessedByAnyLayer()
                .check(MAIN);
    }

    @Test
    void noModuleAndNoPackageIsInACycle() {
        slices().matching("io.waystation.(*)..").should().beFreeOfCycles().check(MAIN);
        slices().matching("io.waystation.(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void theCoreKnowsNoNettyAndNoThreads() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "java.util.concurrent..", "java.net..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class)
                .check(MAIN);
    }

    @Test
    void theWireDoesNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage("io.waystation.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..")
                .orShould()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "streams to elsewhere",
                        type -> type.getPackageName().equals("java.io")
                                && !type.isEquivalentTo(ByteArrayOutputStream.class)))
                .check(MAIN);
    }

    @Test
    void onlyListedClassesOutsideOfTheNetPackageSeeNetty() {
        var seeing = topLevel(type -> !type.getPackageName().equals("io.waystation.broker.net")
                && type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                dependency.getTargetClass().getPackageName().startsWith("io.netty")));

        assertThat(seeing).isEqualTo(new TreeSet<>(NETTY));
    }

    @Test
    void onlyListedClassesReadTheClock() {
        var readers = topLevel(type -> type.getAccessesFromSelf().stream().anyMatch(ArchitectureTest::readsClock));

        assertThat(readers).isEqualTo(new TreeSet<>(CLOCK_READERS));
    }

    @Test
    void onlyListedClassesCrossThreads() {
        var crossing = topLevel(ArchitectureTest::sharesState);

        assertThat(crossing).isEqualTo(new TreeSet<>(CROSS_THREADS));
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethodWhere(target(
                                owner(DescribedPredicate.describe("Thread", type -> type.isEquivalentTo(Thread.class))))
                        .and(target(nameMatching("sleep"))))
                .check(MAIN);
    }

    @Test
    void aClassIsNamedForWhatItIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Service")
                .orShould()
                .haveSimpleNameEndingWith("Processor")
                .orShould()
                .haveSimpleNameEndingWith("Data")
                .orShould()
                .haveSimpleNameEndingWith("Info")
                .check(MAIN);
    }

    /// The source files, by their first class, of which some class is so.
    private static Set<String> topLevel(Predicate<JavaClass> is) {
        var names = new TreeSet<String>();
        for (var type : MAIN) {
            if (is.test(type)) {
                names.add(type.getName().replaceFirst("\\$.*", ""));
            }
        }
        return names;
    }

    private static boolean readsClock(JavaAccess<?> access) {
        var type = access.getTargetOwner().getName();
        var method = access.getTarget().getName();
        return (type.equals("java.lang.System") && (method.equals("nanoTime") || method.equals("currentTimeMillis")))
                || (type.startsWith("java.time.") && method.equals("now"))
                || (type.equals("java.time.Clock") && method.startsWith("system"));
    }

    private static boolean sharesState(JavaClass type) {
        return type.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getName())
                        .anyMatch(name -> SHARED.contains(name)
                                || name.startsWith("java.util.concurrent.locks.")
                                || name.startsWith("java.util.concurrent.atomic."))
                || type.getFields().stream()
                        .anyMatch(field -> field.getModifiers().contains(JavaModifier.VOLATILE))
                || type.getCodeUnits().stream().anyMatch(ArchitectureTest::isSynchronized);
    }

    private static boolean isSynchronized(JavaCodeUnit unit) {
        return unit.getModifiers().contains(JavaModifier.SYNCHRONIZED);
    }
}
