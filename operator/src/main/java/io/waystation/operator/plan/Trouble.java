package io.waystation.operator.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.waystation.operator.api.ClusterReason;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Why a pod cannot run, as far as Kubernetes knows.
public record Trouble(ClusterReason reason, String message) {
    private static final int WORDS = 300;
    private static final Set<String> IMAGE_REASONS =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable");

    private static final ObjectMapper JSON = new ObjectMapper();

    /// What a log line begins with and what makes it differ from the same words a minute later.
    private static final Pattern LOG_PREFIX = Pattern.compile("^\\[\\w+] \\S+ \\S+ ");

    static @Nullable Trouble of(Pod pod) {
        var status = pod.getStatus();
        if (status == null) {
            return null;
        }
        for (var condition : Objects.requireNonNullElse(
                status.getConditions(), List.<io.fabric8.kubernetes.api.model.PodCondition>of())) {
            if (condition.getType().equals("PodScheduled")
                    && condition.getStatus().equals("False")) {
                return new Trouble(ClusterReason.PodNotScheduled, "not scheduled: " + condition.getMessage());
            }
        }
        for (var container : Objects.requireNonNullElse(status.getContainerStatuses(), List.<ContainerStatus>of())) {
            var trouble = Boolean.TRUE.equals(container.getReady()) ? null : of(container);
            if (trouble != null) {
                return trouble;
            }
        }
        return null;
    }

    private static @Nullable Trouble of(ContainerStatus container) {
        var waiting = container.getState() == null ? null : container.getState().getWaiting();
        if (waiting != null && IMAGE_REASONS.contains(String.valueOf(waiting.getReason()))) {
            return new Trouble(ClusterReason.ImageUnavailable, "cannot pull image " + container.getImage());
        }
        var ended = container.getLastState() == null
                ? null
                : container.getLastState().getTerminated();
        if (ended != null) {
            return new Trouble(
                    ClusterReason.PodFailing,
                    "ended with exit code " + ended.getExitCode() + lastWords(ended.getMessage()));
        }
        if (waiting != null
                && waiting.getReason() != null
                && !Set.of("ContainerCreating", "PodInitializing").contains(waiting.getReason())) {
            return new Trouble(ClusterReason.PodFailing, waiting.getReason() + lastWords(waiting.getMessage()));
        }
        return null;
    }

    /// A line of a log without what a collector needs; as it is when it is no line of ours.
    private static String sentence(String line) {
        if (line.startsWith("{")) {
            try {
                var words = JSON.readTree(line);
                if (words.hasNonNull("message")) {
                    return words.path("level").asText() + ": "
                            + words.path("message").asText();
                }
            } catch (JsonProcessingException cut) {
                return line;
            }
        }
        return LOG_PREFIX.matcher(line).replaceFirst("").strip();
    }

    private static String lastWords(@Nullable String log) {
        if (log == null || log.isBlank()) {
            return "";
        }
        var line = log.lines().filter(words -> !words.isBlank()).reduce("", (before, last) -> last);
        line = sentence(line);
        return ": " + (line.length() <= WORDS ? line : line.substring(0, WORDS) + "…");
    }
}
