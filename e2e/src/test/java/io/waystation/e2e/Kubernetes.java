package io.waystation.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/// A Kubernetes of one node in a container, with our images in it; spoken to with its own kubectl.
final class Kubernetes implements AutoCloseable {
    private static final Duration IMAGE_LIMIT = Duration.ofMinutes(20);
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(2);

    private final K3sContainer container;

    /// Starts a cluster: the public k3s image where it can be pulled, else the one that is built from Go modules.
    static Kubernetes start() throws IOException {
        var output = Command.run(
                Command.ROOT,
                IMAGE_LIMIT,
                Command.ROOT.resolve("e2e/local-k3s/local-k3s").toString(),
                "image-name");
        var name = output.lines().reduce((first, second) -> second).orElseThrow();
        removeLeftovers();
        var container = new K3sContainer(DockerImageName.parse(name).asCompatibleSubstituteFor("rancher/k3s"));
        container.start();
        return new Kubernetes(container);
    }

    /// Clusters of test runs that were killed.
    private static void removeLeftovers() throws IOException {
        var left = Command.run(
                Command.ROOT, BUILD_LIMIT, "docker", "ps", "-aq", "--filter", "label=org.testcontainers=true");
        for (var id : left.lines().filter(line -> !line.isBlank()).toList()) {
            Command.run(Command.ROOT, BUILD_LIMIT, "docker", "rm", "-f", "-v", id);
        }
    }

    private Kubernetes(K3sContainer container) {
        this.container = container;
    }

    void loadImage(Path tar) throws IOException {
        container.copyFileToContainer(MountableFile.forHostPath(tar), "/tmp/image.tar");
        exec("ctr", "images", "import", "/tmp/image.tar");
    }

    /// An image with nothing but one static program.
    void loadProgram(Path program, String image) throws IOException {
        var tar = Command.TARGET.resolve("program.tar");
        Command.run(
                Command.ROOT,
                BUILD_LIMIT,
                "sh",
                "-ec",
                "tar -C " + program.getParent() + " -c " + program.getFileName()
                        + " | docker import --change 'ENTRYPOINT [\"/" + program.getFileName() + "\"]' - " + image
                        + " && docker save " + image + " -o " + tar);
        loadImage(tar);
    }

    void apply(String namespace, String yaml) throws IOException {
        container.copyFileToContainer(Transferable.of(yaml.getBytes(StandardCharsets.UTF_8)), "/tmp/apply.yaml");
        kubectl("apply", "-n", namespace, "-f", "/tmp/apply.yaml");
    }

    /// Runs kubectl; what it printed. Throws when it fails.
    String kubectl(String... words) throws IOException {
        var command = new String[words.length + 1];
        command[0] = "kubectl";
        System.arraycopy(words, 0, command, 1, words.length);
        return exec(command);
    }

    private String exec(String... command) throws IOException {
        ExecResult result;
        try {
            result = container.execInContainer(command);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
        if (result.getExitCode() != 0) {
            throw new IOException(List.of(command) + " ended with " + result.getExitCode() + ": " + result.getStderr()
                    + result.getStdout());
        }
        return result.getStdout();
    }

    /// Waits until kubectl prints what is wanted; shows the namespace's pods and events when it does not.
    void await(String namespace, Duration limit, String wanted, String... words) throws IOException {
        try {
            Awaitility.await(String.join(" ", words) + " shows " + wanted)
                    .atMost(limit)
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreExceptionsMatching(IOException.class::isInstance)
                    .until(() -> kubectl(words).contains(wanted));
        } catch (ConditionTimeoutException late) {
            throw new IOException(
                    late.getMessage() + "\n" + kubectl("get", "pods", "-n", namespace, "-o", "wide") + "\n"
                            + kubectl("get", "events", "-n", namespace, "--sort-by=.lastTimestamp"),
                    late);
        }
    }

    @Override
    public void close() {
        container.stop();
    }
}
