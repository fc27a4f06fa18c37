package io.waystation.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/// A Kubernetes with our images in it and the operator installed, shared by all tests of a run: one node in a
/// container,
/// or, with `-Dwaystation.kubeconfig=FILE`, the cluster that the file names, whose nodes must have the images
/// [#BROKER_IMAGE], [#OPERATOR_IMAGE] and [#CLIENT_IMAGE]. Safe from any thread: immutable.
final class Kubernetes implements AutoCloseable {
    static final String BROKER_IMAGE = "waystation/waystation:0.1.0";
    static final String OPERATOR_IMAGE = "waystation/operator:0.1.0";
    static final String CLIENT_IMAGE = "waystation/counted:test";

    /// Prints the processes that got the signal.
    private static final String SIGNAL_API_SERVER = "for process in /proc/[0-9]*; do"
            + " case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in kube-apiserver\\ --*)"
            + " kill -SIGNAL ${process#/proc/} && echo $process;; esac; done; true";

    /// Label of our clusters in Docker: the test run that each belongs to.
    private static final String RUN = "io.waystation.e2e.run";

    private static final Duration IMAGE_LIMIT = Duration.ofMinutes(20);
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(2);

    private final @Nullable K3sContainer container;
    private final Path kubeconfig;
    private final KubernetesClient client;
    private final OperatorInstallation operator;

    private Kubernetes(@Nullable K3sContainer container, Path kubeconfig) throws IOException {
        this.container = container;
        this.kubeconfig = kubeconfig;
        this.client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig, StandardCharsets.UTF_8)))
                .build();
        this.operator = new OperatorInstallation(this);
    }

    static Kubernetes start() throws IOException {
        var named = System.getProperty("waystation.kubeconfig", "");
        var kubernetes = named.isEmpty() ? inContainer() : new Kubernetes(null, Path.of(named));
        kubernetes.operator.install();
        return kubernetes;
    }

    /// The public k3s image where it can be pulled, else the one that is built from Go modules.
    private static Kubernetes inContainer() throws IOException {
        var output = Command.run(
                Command.ROOT,
                IMAGE_LIMIT,
                Command.ROOT.resolve("e2e/local-k3s/local-k3s").toString(),
                "image-name");
        var name = output.lines().reduce((first, second) -> second).orElseThrow();
        removeLeftovers();
        var container = new K3sContainer(DockerImageName.parse(name).asCompatibleSubstituteFor("rancher/k3s"))
                .withLabel(RUN, new TestRun(ProcessHandle.current()).toString());
        container.start();
        var kubeconfig = Command.TARGET.resolve("kubeconfig");
        Files.writeString(kubeconfig, container.getKubeConfigYaml(), StandardCharsets.UTF_8);
        var kubernetes = new Kubernetes(container, kubeconfig);
        kubernetes.loadImage(container, Command.ROOT.resolve("broker-image/image/target/waystation-image.tar"));
        kubernetes.loadImage(container, Command.ROOT.resolve("operator/target/operator-image.tar"));
        kubernetes.loadImage(container, program(GoClient.build()));
        return kubernetes;
    }

    /// Clusters of test runs that were killed; those of runs that go on beside this one stay.
    private static void removeLeftovers() throws IOException {
        var clusters = Command.run(
                Command.ROOT,
                COMMAND_LIMIT,
                "docker",
                "ps",
                "-a",
                "--filter",
                "label=" + RUN,
                "--format",
                "{{.ID}} {{.Label \"" + RUN + "\"}}");
        for (var line : clusters.lines().toList()) {
            var idAndRun = line.split(" ", 2);
            if (!TestRun.parse(idAndRun[1]).goesOn()) {
                Command.run(Command.ROOT, COMMAND_LIMIT, "docker", "rm", "-f", "-v", idAndRun[0]);
            }
        }
    }

    /// An image with nothing but one static program, as a file.
    private static Path program(Path program) throws IOException {
        var tar = Command.TARGET.resolve("program.tar");
        Command.run(
                Command.ROOT,
                COMMAND_LIMIT,
                "sh",
                "-ec",
                "tar -C " + program.getParent() + " -c " + program.getFileName()
                        + " | docker import --change 'ENTRYPOINT [\"/" + program.getFileName() + "\"]' - "
                        + CLIENT_IMAGE + " && docker save " + CLIENT_IMAGE + " -o " + tar);
        return tar;
    }

    private void loadImage(K3sContainer node, Path tar) throws IOException {
        node.copyFileToContainer(MountableFile.forHostPath(tar), "/tmp/image.tar");
        inside(node, List.of("ctr", "images", "import", "/tmp/image.tar"));
    }

    KubernetesClient client() {
        return client;
    }

    OperatorInstallation operator() {
        return operator;
    }

    /// `kubectl apply` of a text; what it printed. Throws, with what it printed, when it fails.
    String apply(String namespace, String yaml) throws IOException {
        Files.createDirectories(Command.TARGET.resolve("manifests"));
        var file = Files.createTempFile(Command.TARGET.resolve("manifests"), "", ".yaml");
        Files.writeString(file, yaml, StandardCharsets.UTF_8);
        if (container != null) {
            container.copyFileToContainer(
                    Transferable.of(yaml.getBytes(StandardCharsets.UTF_8)), "/tmp/" + file.getFileName());
        }
        return kubectl(
                "apply", "-n", namespace, "-f", container == null ? file.toString() : "/tmp/" + file.getFileName());
    }

    /// Runs kubectl; what it printed. Throws, with what it printed, when it fails.
    String kubectl(String... words) throws IOException {
        var command = new ArrayList<String>();
        command.add("kubectl");
        if (container == null) {
            command.add("--kubeconfig=" + kubeconfig);
        }
        command.addAll(List.of(words));
        return container == null
                ? Command.run(Command.ROOT, COMMAND_LIMIT, command.toArray(String[]::new))
                : inside(container, command);
    }

    /// Runs a shell's command on the node, which is ours; what it printed.
    String onNode(String command) throws IOException {
        if (container == null) {
            throw new IllegalStateException("the nodes of " + kubeconfig + " are not ours");
        }
        return inside(container, List.of("sh", "-c", command));
    }

    /// Sends the API server's process a signal: `STOP`, after which it answers nobody, or `CONT`. Where all of
    /// Kubernetes is one process, the kubelet and the controllers get it too; pods never do.
    void signalApiServer(String signal) throws IOException {
        var signalled = onNode(SIGNAL_API_SERVER.replace("SIGNAL", signal));
        if (signalled.isBlank() && container != null) {
            container
                    .getDockerClient()
                    .killContainerCmd(container.getContainerId())
                    .withSignal(signal)
                    .exec();
        }
    }

    private static String inside(K3sContainer node, List<String> command) throws IOException {
        ExecResult result;
        try {
            result = node.execInContainer(command.toArray(String[]::new));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
        if (result.getExitCode() != 0) {
            throw new IOException(
                    command + " ended with " + result.getExitCode() + ": " + result.getStderr() + result.getStdout());
        }
        return result.getStdout();
    }

    @Override
    public void close() {
        client.close();
        if (container != null) {
            container.stop();
        }
    }
}
