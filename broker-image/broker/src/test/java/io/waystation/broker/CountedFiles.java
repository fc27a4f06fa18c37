package io.waystation.broker;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Files, and how many of them are open. Safe from any thread.
final class CountedFiles extends ForwardingFiles {
    private final Set<LogFile> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger opened = new AtomicInteger();

    CountedFiles(FileStore files) {
        super(files);
    }

    int openCount() {
        return open.size();
    }

    int openedCount() {
        return opened.get();
    }

    @Override
    protected LogFile opened(LogFile file) {
        return new CountedFile(file);
    }

    private final class CountedFile extends ForwardingFile {
        CountedFile(LogFile file) {
            super(file);
            open.add(this);
            opened.incrementAndGet();
        }

        @Override
        public void close() throws IOException {
            open.remove(this);
            super.close();
        }
    }
}
