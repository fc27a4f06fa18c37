package io.waystation.broker.loop;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Asks many something on their loops, a page of them at a time, so that neither the loops nor the memory get all of it
/// at once; who answers null is left out. Confined to one thread, which waits for the answers and so is no loop's.
public final class Paged<S, T> implements Iterator<T> {
    private final Iterator<S> sources;
    private final int pageSize;
    private final Function<S, CompletableFuture<@Nullable T>> question;
    private final Queue<CompletableFuture<@Nullable T>> asked = new ArrayDeque<>();
    private @Nullable T next;

    public Paged(List<S> sources, int pageSize, Function<S, CompletableFuture<@Nullable T>> question) {
        this.sources = sources.iterator();
        this.pageSize = pageSize;
        this.question = question;
    }

    @Override
    public boolean hasNext() {
        while (next == null && (sources.hasNext() || !asked.isEmpty())) {
            if (asked.isEmpty()) {
                ask();
            }
            next = asked.remove().join();
        }
        return next != null;
    }

    private void ask() {
        while (sources.hasNext() && asked.size() < pageSize) {
            asked.add(question.apply(sources.next()));
        }
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var answer = next;
        next = null;
        if (answer == null) {
            throw new IllegalStateException("no answer after all");
        }
        return answer;
    }
}
