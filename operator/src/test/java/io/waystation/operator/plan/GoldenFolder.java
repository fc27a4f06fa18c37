package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One case of a planner: facts in `in-*.yaml`, what comes of them in `out-*.yaml`.
///
/// A case follows another one, which its `in-pass.yaml` names as `after`: it begins with the status of that one, and
/// the facts for which it has no file are those of that one. So a folder shows what happened since. The first case
/// follows none.
///
/// Every file is used: an `in-*.yaml` that says what the case before says already fails, as does an `out-*.yaml` that
/// nothing comes of. `mvn -pl operator test -Dtest='*GoldenTest' -Dgolden.update` rewrites what comes out.
final class GoldenFolder {
    private static final Path ROOT = Path.of("src/test/resources/io/waystation/operator/plan");
    private static final boolean UPDATE = System.getProperty("golden.update") != null;
    private static final String PASS = "in-pass.yaml";

    private final KubernetesSerialization yaml = new KubernetesSerialization();
    private final String planner;
    private final Path folder;
    private final Set<String> written = new TreeSet<>();
    private final Set<String> read = new TreeSet<>(Set.of(PASS));

    GoldenFolder(String planner, String name) {
        this.planner = planner;
        this.folder = ROOT.resolve(planner).resolve(name);
    }

    /// Each after the one that it follows.
    static Stream<String> cases(String planner) {
        try (var folders = Files.list(ROOT.resolve(planner))) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted(Comparator.comparingInt((String name) -> new GoldenFolder(planner, name).depth())
                            .thenComparing(Comparator.naturalOrder()))
                    .toList()
                    .stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private int depth() {
        return isFirst() ? 0 : 1 + before().depth();
    }

    boolean isFirst() {
        return !pass().containsKey("after");
    }

    GoldenFolder first() {
        return isFirst() ? this : before().first();
    }

    /// The case that this one follows.
    GoldenFolder before() {
        return new GoldenFolder(planner, String.valueOf(pass().get("after")));
    }

    /// What is said of the pass itself.
    Map<String, Object> pass() {
        return parse(text(PASS), new TypeReference<>() {});
    }

    <T> T in(String what, TypeReference<T> type) {
        return parse(inText("in-" + what + ".yaml"), type);
    }

    <T> T out(String what, TypeReference<T> type) {
        return parse(text("out-" + what + ".yaml"), type);
    }

    private <T> T parse(String text, TypeReference<T> type) {
        return yaml.unmarshal(text, type);
    }

    private String inText(String file) {
        if (!Files.exists(folder.resolve(file))) {
            return before().inText(file);
        }
        read.add(file);
        var text = text(file);
        if (!isFirst()) {
            assertThat(text)
                    .as("%s says nothing new: remove it", folder.resolve(file))
                    .isNotEqualTo(before().inText(file));
        }
        return text;
    }

    private String text(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// Compares, or rewrites. Nothing is written of what is empty.
    void check(String what, @Nullable Object content) {
        var file = "out-" + what + ".yaml";
        if (content == null
                || (content instanceof Collection<?> list && list.isEmpty())
                || (content instanceof Map<?, ?> map && map.isEmpty())) {
            return;
        }
        var text = yaml.asYaml(content).replaceFirst("^---\n", "");
        written.add(file);
        if (UPDATE) {
            write(file, text);
        }
        assertThat(folder.resolve(file))
                .as("%s; rewrite it with -Dgolden.update", folder.resolve(file))
                .hasContent(text);
    }

    private void write(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// After everything else.
    void everyFileIsUsed() throws IOException {
        var used = new TreeSet<>(read);
        used.addAll(written);
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (UPDATE && name.startsWith("out-") && !used.contains(name)) {
                    Files.delete(file);
                } else {
                    assertThat(used).as("%s is not used", file).contains(name);
                }
            }
        }
    }
}
