package io.waystation.sim;

import io.waystation.log.DiskFiles;
import io.waystation.log.FileStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class DiskFilesTest extends FileStoreContract {
    @TempDir
    Path directory;

    private final FileStore files = new DiskFiles();

    @Override
    FileStore files() {
        return files;
    }

    @Override
    Path directory() {
        return directory;
    }
}
