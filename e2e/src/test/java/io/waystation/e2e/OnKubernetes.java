package io.waystation.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives a test the shared [Kubernetes] and a [TestNamespace] of its own. When the test fails, everything of that
/// namespace that helps is printed; afterwards the namespace is deleted.
final class OnKubernetes implements ParameterResolver, AfterEachCallback {
    private static final Namespace STORE = Namespace.create(OnKubernetes.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == Kubernetes.class || type == TestNamespace.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var kubernetes =
                context.getRoot().getStore(STORE).computeIfAbsent(Kubernetes.class, first -> start(), Kubernetes.class);
        return parameter.getParameter().getType() == Kubernetes.class
                ? kubernetes
                : context.getStore(STORE)
                        .computeIfAbsent(
                                TestNamespace.class,
                                first -> new TestNamespace(kubernetes, prefix(context.getRequiredTestClass())),
                                TestNamespace.class);
    }

    private static String prefix(Class<?> test) {
        return test.getSimpleName().replaceAll("IT$", "").toLowerCase(Locale.ROOT) + "-";
    }

    private static Kubernetes start() {
        try {
            return Kubernetes.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        var namespace = context.getStore(STORE).get(TestNamespace.class, TestNamespace.class);
        if (namespace == null) {
            return;
        }
        try {
            if (context.getExecutionException().isPresent()) {
                System.err.println("===== " + context.getDisplayName() + " failed; namespace " + namespace.name());
                System.err.println(namespace.describe());
            }
        } finally {
            namespace.delete();
        }
    }
}
