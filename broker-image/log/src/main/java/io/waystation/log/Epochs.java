package io.waystation.log;

import java.io.IOException;
import java.nio.file.Path;

/// The file `epochs` of a log: which leader epochs wrote something here and where each began, as in Kafka's
/// `leader-epoch-checkpoint`: a version, the number of lines, then `epoch startOffset` a line, both growing; behind
/// them the checksum of a [SmallFile].
final class Epochs {
    static final String FILE_NAME = "epochs";

    private static final String VERSION = "0";
    private static final int HEADER_LINES = 2;

    private Epochs() {}

    static void write(FileStore files, Path directory, int epoch, long startOffset) throws IOException {
        SmallFile.write(files, directory.resolve(FILE_NAME), VERSION + "\n1\n" + epoch + " " + startOffset + "\n");
    }

    /// The latest epoch; -1 when there is no file, which is written before the first record.
    static int latest(FileStore files, Path directory) throws IOException {
        var path = directory.resolve(FILE_NAME);
        var text = SmallFile.read(files, path);
        if (text == null) {
            return -1;
        }
        var lines = text.split("\n", -1);
        try {
            if (!lines[0].equals(VERSION) || lines.length != HEADER_LINES + 1 + Integer.parseInt(lines[1])) {
                throw malformed(path);
            }
            var last = lines[lines.length - 2].split(" ", -1);
            int epoch = Integer.parseInt(last[0]);
            if (last.length != 2 || Long.parseLong(last[1]) < 0 || epoch < 0) {
                throw malformed(path);
            }
            return epoch;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException notNumbers) {
            throw malformed(path);
        }
    }

    private static IOException malformed(Path path) {
        return new CorruptBatchException(path + ": not a list of epochs (expected: " + VERSION
                + ", the number of lines, then 'epoch startOffset' lines)");
    }
}
