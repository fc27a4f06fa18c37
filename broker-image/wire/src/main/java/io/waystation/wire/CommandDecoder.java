package io.waystation.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Finds commands in a connection's bytes and checks all that can be checked without knowing topics: the magic, the
/// session's state, numbers, names, sizes; in the order in which NSQ does, since the first failure decides the error.
/// Confined to the connection's loop.
///
/// ```
///            magic            line with body            size ok            body complete
///   MAGIC ----------> LINE ------------------> SIZE ---------------> BODY ---------------> LINE
///                      | MPUB                                                                ^
///                      +----> TOPIC --> BATCH_SIZE --> BATCH_COUNT --> BATCH_MESSAGES -------+
/// ```
///
/// A line is consumed as soon as it is complete; the bytes of an incomplete body stay in the buffer, whose position is
/// then the body's first byte.
public final class CommandDecoder {
    /// Bytes of a command line with its newline.
    public static final int MAX_LINE_LENGTH = 16384;

    /// The first bytes of every connection: blank, blank, V, 2.
    public static final int MAGIC = 0x20205632;

    private static final int MAX_WORDS = 3;
    private static final int FIN_PREFIX = ('F' << 24) | ('I' << 16) | ('N' << 8) | ' ';
    private static final int FIN_ID_AT = 4;
    private static final int FIN_LINE_LENGTH = FIN_ID_AT + MessageId.LENGTH + 1;

    /// Where the session stands; the numbers are those of /stats.
    public enum Session {
        INITIAL(0),
        SUBSCRIBED(3),
        CLOSING(4);

        private final int code;

        Session(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    private enum Stage {
        MAGIC,
        LINE,
        SIZE,
        BODY,
        TOPIC,
        BATCH_SIZE,
        BATCH_COUNT,
        BATCH_MESSAGES
    }

    private enum Body {
        IDENTIFY(ProtocolError.E_BAD_BODY, ProtocolError.E_IDENTIFY_FAILED, "body"),
        AUTH(ProtocolError.E_BAD_BODY, ProtocolError.E_AUTH_ERROR, "body"),
        PUB(ProtocolError.E_BAD_MESSAGE, ProtocolError.E_PUB_FAILED, "message body"),
        DPUB(ProtocolError.E_BAD_MESSAGE, ProtocolError.E_DPUB_FAILED, "message body"),
        MPUB(ProtocolError.E_BAD_BODY, ProtocolError.E_MPUB_FAILED, "body"),
        XPUB(ProtocolError.E_BAD_MESSAGE, ProtocolError.E_PUB_FAILED, "message body");

        final ProtocolError malformed;
        final ProtocolError failed;
        final String noun;

        Body(ProtocolError malformed, ProtocolError failed, String noun) {
            this.malformed = malformed;
            this.failed = failed;
            this.noun = noun;
        }
    }

    private final CommandSink sink;
    private CommandLimits limits;
    private Session session = Session.INITIAL;
    private boolean heartbeatsOff;
    private boolean tlsMissing;

    private Stage stage = Stage.MAGIC;
    /// Bytes of the incomplete line that hold no newline.
    private int scannedLength;

    private final int[] wordStarts = new int[MAX_WORDS];
    private final int[] wordEnds = new int[MAX_WORDS];
    private int wordCount;

    private Body body = Body.PUB;
    private int bodyLength;
    private long delayMs;
    private PublishAttributes attributes = PublishAttributes.NONE;
    private String topic = "";
    private byte[] topicBytes = new byte[0];

    private int batchCount;
    private int batchChecked;
    /// Bytes from the buffer's position to the first batch message that is not checked.
    private int batchCheckedLength;

    public CommandDecoder(CommandSink sink, CommandLimits limits) {
        this.sink = sink;
        this.limits = limits;
    }

    public Session session() {
        return session;
    }

    public void limits(CommandLimits now) {
        limits = now;
    }

    /// The connection joined a channel.
    public void subscribed() {
        assert session == Session.INITIAL : session;
        session = Session.SUBSCRIBED;
    }

    public void heartbeatsOff(boolean off) {
        heartbeatsOff = off;
    }

    /// While true nothing but IDENTIFY is taken, which is how a client comes to TLS.
    public void tlsMissing(boolean missing) {
        tlsMissing = missing;
    }

    /// Whether the first four bytes of the connection were seen.
    public boolean isOpened() {
        return stage != Stage.MAGIC;
    }

    /// Runs the complete commands of `input` and moves its position behind them; what is left must be there again, with
    /// more bytes behind it, at the next call.
    public void decode(ByteBuffer input) throws ProtocolException {
        while (!sink.isPaused() && step(input)) {
            // each step consumes a command or a part of one
        }
    }

    /// Tells what is wrong when the peer's bytes end with `rest`, which [#decode] left: a body that was cut short.
    /// A line cut short is nothing.
    public void endOfInput(ByteBuffer rest) throws ProtocolException {
        switch (stage) {
            case MAGIC, LINE, TOPIC -> {}
            case SIZE -> throw malformed("failed to read " + body.noun + " size");
            case BODY -> throw malformed("failed to read " + body.noun);
            case BATCH_SIZE -> throw malformed("failed to read body size");
            case BATCH_COUNT -> throw malformed("failed to read message count");
            case BATCH_MESSAGES -> {
                boolean sizeIsThere = rest.remaining() - batchCheckedLength >= Integer.BYTES;
                throw new ProtocolException(
                        ProtocolError.E_BAD_MESSAGE,
                        sizeIsThere
                                ? "MPUB failed to read message body"
                                : "MPUB failed to read message(" + batchChecked + ") body size");
            }
        }
    }

    private boolean step(ByteBuffer input) throws ProtocolException {
        return switch (stage) {
            case MAGIC -> magic(input);
            case LINE -> line(input);
            case SIZE -> size(input);
            case BODY -> body(input);
            case TOPIC -> batchTopic();
            case BATCH_SIZE -> batchSize(input);
            case BATCH_COUNT -> batchCount(input);
            case BATCH_MESSAGES -> batchMessages(input);
        };
    }

    private boolean magic(ByteBuffer input) throws ProtocolException {
        if (input.remaining() < Integer.BYTES) {
            return false;
        }
        if (input.getInt() != MAGIC) {
            throw new ProtocolException(ProtocolError.E_BAD_PROTOCOL, "");
        }
        stage = Stage.LINE;
        return true;
    }

    private boolean line(ByteBuffer input) throws ProtocolException {
        int start = input.position();
        int available = input.limit() - start;
        if (available >= FIN_LINE_LENGTH
                && scannedLength == 0
                && session != Session.INITIAL
                && input.getInt(start) == FIN_PREFIX
                && input.get(start + FIN_LINE_LENGTH - 1) == '\n') {
            long id = MessageId.parse(input, start + FIN_ID_AT);
            // Else there may be a blank or a line end among the 16 bytes, which makes it another line.
            if (id != MessageId.UNKNOWN) {
                input.position(start + FIN_LINE_LENGTH);
                finish(id, input, start + FIN_ID_AT);
                return true;
            }
        }
        int searchEnd = start + Math.min(available, MAX_LINE_LENGTH);
        for (int i = start + scannedLength; i < searchEnd; i++) {
            if (input.get(i) == '\n') {
                scannedLength = 0;
                input.position(i + 1);
                int end = i > start && input.get(i - 1) == '\r' ? i - 1 : i;
                command(input, start, end);
                return true;
            }
        }
        if (available >= MAX_LINE_LENGTH) {
            throw ProtocolException.silent("command line longer than " + MAX_LINE_LENGTH + " bytes");
        }
        scannedLength = available;
        return false;
    }

    private void command(ByteBuffer input, int start, int end) throws ProtocolException {
        splitWords(input, start, end);
        if (tlsMissing && !word(input, 0).equals("IDENTIFY")) {
            throw invalid("cannot " + word(input, 0) + " in current state (TLS required)");
        }
        switch (word(input, 0)) {
            case "FIN" -> lineFinish(input);
            case "RDY" -> ready(input);
            case "REQ" -> requeue(input);
            case "PUB" -> publish(input);
            case "MPUB" -> multiPublish(input);
            case "DPUB" -> deferredPublish(input);
            case "NOP" -> sink.onNop();
            case "TOUCH" -> touch(input);
            case "SUB" -> subscribe(input);
            case "CLS" -> closeWait();
            case "IDENTIFY" -> identify();
            case "AUTH" -> auth();
            case "XPUB" -> extendedPublish(input);
            default -> throw invalid("invalid command " + word(input, 0));
        }
    }

    private void splitWords(ByteBuffer input, int start, int end) {
        wordCount = 0;
        int wordStart = start;
        for (int i = start; i <= end; i++) {
            if (i == end || input.get(i) == ' ') {
                if (wordCount < MAX_WORDS) {
                    wordStarts[wordCount] = wordStart;
                    wordEnds[wordCount] = i;
                }
                wordCount++;
                wordStart = i + 1;
            }
        }
    }

    /// The word as one character a byte, so that an error can quote what came, whatever it was.
    private String word(ByteBuffer input, int index) {
        var bytes = new byte[wordEnds[index] - wordStarts[index]];
        input.get(wordStarts[index], bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void identify() throws ProtocolException {
        requireState(session == Session.INITIAL, "IDENTIFY");
        expectBody(Body.IDENTIFY);
    }

    private void auth() throws ProtocolException {
        requireState(session == Session.INITIAL, "AUTH");
        if (wordCount != 1) {
            throw invalid("AUTH invalid number of parameters");
        }
        expectBody(Body.AUTH);
    }

    private void subscribe(ByteBuffer input) throws ProtocolException {
        requireState(session == Session.INITIAL, "SUB");
        if (heartbeatsOff) {
            throw invalid("cannot SUB with heartbeats disabled");
        }
        if (wordCount < 3) {
            throw invalid("SUB insufficient number of parameters");
        }
        var topicName = topic(input, "SUB");
        var channelName = word(input, 2);
        if (!Names.isValid(channelName)) {
            throw ProtocolException.quoting(
                    ProtocolError.E_BAD_CHANNEL, "SUB channel name " + GoQuote.quote(channelName) + " is not valid");
        }
        sink.onSubscribe(topicName, channelName);
    }

    private void ready(ByteBuffer input) throws ProtocolException {
        if (session == Session.CLOSING) {
            return;
        }
        requireState(session == Session.SUBSCRIBED, "RDY");
        long count = 1;
        if (wordCount > 1) {
            count = number(input, 1);
            if (count < 0) {
                throw invalid("RDY could not parse count " + word(input, 1));
            }
        }
        if (count > limits.maxReadyCount()) {
            throw invalid("RDY count " + count + " out of range 0-" + limits.maxReadyCount());
        }
        sink.onReady((int) count);
    }

    private void lineFinish(ByteBuffer input) throws ProtocolException {
        requireSubscribed("FIN");
        if (wordCount < 2) {
            throw invalid("FIN insufficient number of params");
        }
        int idPosition = idPosition();
        finish(MessageId.parse(input, idPosition), input, idPosition);
    }

    private void finish(long id, ByteBuffer input, int idPosition) throws ProtocolException {
        requireSubscribed("FIN");
        sink.onFinish(id, input, idPosition);
    }

    private void requeue(ByteBuffer input) throws ProtocolException {
        requireSubscribed("REQ");
        if (wordCount < 3) {
            throw invalid("REQ insufficient number of params");
        }
        int idPosition = idPosition();
        long requeueMs = number(input, 2);
        if (requeueMs < 0) {
            throw invalid("REQ could not parse timeout " + word(input, 2));
        }
        sink.onRequeue(MessageId.parse(input, idPosition), input, idPosition, requeueMs);
    }

    private void touch(ByteBuffer input) throws ProtocolException {
        requireSubscribed("TOUCH");
        if (wordCount < 2) {
            throw invalid("TOUCH insufficient number of params");
        }
        int idPosition = idPosition();
        sink.onTouch(MessageId.parse(input, idPosition), input, idPosition);
    }

    private void closeWait() throws ProtocolException {
        requireState(session == Session.SUBSCRIBED, "CLS");
        session = Session.CLOSING;
        sink.onCloseWait();
    }

    private void publish(ByteBuffer input) throws ProtocolException {
        if (wordCount < 2) {
            throw invalid("PUB insufficient number of parameters");
        }
        topic(input, "PUB");
        expectBody(Body.PUB);
    }

    private void deferredPublish(ByteBuffer input) throws ProtocolException {
        if (wordCount < 3) {
            throw invalid("DPUB insufficient number of parameters");
        }
        topic(input, "DPUB");
        delayMs = number(input, 2);
        if (delayMs < 0) {
            throw invalid("DPUB could not parse timeout " + word(input, 2));
        }
        if (delayMs > sink.maxDeferMs(topic)) {
            throw invalid("DPUB timeout " + delayMs + " out of range 0-" + sink.maxDeferMs(topic));
        }
        expectBody(Body.DPUB);
    }

    private void extendedPublish(ByteBuffer input) throws ProtocolException {
        if (wordCount < 3) {
            throw invalid("XPUB insufficient number of parameters");
        }
        topic(input, "XPUB");
        attributes = PublishAttributes.parse(word(input, 2), sink.maxDeferMs(topic));
        expectBody(Body.XPUB);
    }

    private void multiPublish(ByteBuffer input) throws ProtocolException {
        if (wordCount < 2) {
            throw invalid("MPUB insufficient number of parameters");
        }
        body = Body.MPUB;
        // NSQ puts the code into the text once more; clients compare texts.
        topic(input, "E_BAD_TOPIC MPUB");
        stage = Stage.TOPIC;
    }

    private void expectBody(Body expected) {
        body = expected;
        stage = Stage.SIZE;
    }

    private boolean size(ByteBuffer input) throws ProtocolException {
        if (input.remaining() < Integer.BYTES) {
            return false;
        }
        int size = input.getInt();
        switch (body) {
            case IDENTIFY, AUTH -> {
                if (size > limits.maxBodySize()) {
                    throw malformed("body too big " + size + " > " + limits.maxBodySize());
                }
                if (size <= 0) {
                    throw malformed("invalid body size " + size);
                }
            }
            case PUB, DPUB, XPUB -> {
                if (size <= 0) {
                    throw malformed("invalid message body size " + size);
                }
                if (size > limits.maxMessageSize()) {
                    throw malformed("message too big " + size + " > " + limits.maxMessageSize());
                }
            }
            case MPUB -> throw new IllegalStateException("MPUB has a stage of its own");
        }
        bodyLength = size;
        stage = Stage.BODY;
        return true;
    }

    private boolean body(ByteBuffer input) throws ProtocolException {
        if (input.remaining() < bodyLength) {
            return false;
        }
        int position = input.position();
        switch (body) {
            case IDENTIFY -> sink.onIdentify(takeBody(input));
            case AUTH -> sink.onAuth(takeBody(input));
            case PUB -> {
                if (!sink.isTopicReady(topic, body.failed)) {
                    return false;
                }
                consume(input, bodyLength);
                sink.onPublish(topic, input, position, bodyLength);
            }
            case DPUB -> {
                if (!sink.isTopicReady(topic, body.failed)) {
                    return false;
                }
                consume(input, bodyLength);
                sink.onDeferredPublish(topic, delayMs, input, position, bodyLength);
            }
            case XPUB -> {
                if (!sink.isTopicReady(topic, body.failed)) {
                    return false;
                }
                consume(input, bodyLength);
                sink.onExtendedPublish(topic, attributes, input, position, bodyLength);
            }
            case MPUB -> throw new IllegalStateException("MPUB has stages of its own");
        }
        return true;
    }

    private byte[] takeBody(ByteBuffer input) {
        var bytes = new byte[bodyLength];
        input.get(input.position(), bytes);
        consume(input, bodyLength);
        return bytes;
    }

    private void consume(ByteBuffer input, int length) {
        input.position(input.position() + length);
        stage = Stage.LINE;
    }

    private boolean batchTopic() throws ProtocolException {
        if (!sink.isTopicReady(topic, body.failed)) {
            return false;
        }
        stage = Stage.BATCH_SIZE;
        return true;
    }

    private boolean batchSize(ByteBuffer input) throws ProtocolException {
        if (input.remaining() < Integer.BYTES) {
            return false;
        }
        int size = input.getInt();
        if (size <= 0) {
            throw malformed("invalid body size " + size);
        }
        if (size > limits.maxBodySize()) {
            throw malformed("body too big " + size + " > " + limits.maxBodySize());
        }
        stage = Stage.BATCH_COUNT;
        return true;
    }

    private boolean batchCount(ByteBuffer input) throws ProtocolException {
        if (input.remaining() < Integer.BYTES) {
            return false;
        }
        batchCount = input.getInt();
        if (batchCount <= 0 || batchCount > limits.maxMessageCount()) {
            throw malformed("invalid message count " + batchCount);
        }
        batchChecked = 0;
        batchCheckedLength = 0;
        stage = Stage.BATCH_MESSAGES;
        return true;
    }

    private boolean batchMessages(ByteBuffer input) throws ProtocolException {
        int start = input.position();
        int available = input.limit() - start;
        while (batchChecked < batchCount) {
            if (available - batchCheckedLength < Integer.BYTES) {
                return false;
            }
            int size = input.getInt(start + batchCheckedLength);
            checkBatchMessage(size);
            // The sizes of a batch are not bound by its body size (NSQ does not compare them), so the sum is.
            if ((long) batchCheckedLength + Integer.BYTES + size > 2L * limits.maxBodySize()) {
                throw malformed("body too big " + ((long) batchCheckedLength + size) + " > " + limits.maxBodySize());
            }
            if (available - batchCheckedLength - Integer.BYTES < size) {
                return false;
            }
            batchCheckedLength += Integer.BYTES + size;
            batchChecked++;
        }
        consume(input, batchCheckedLength);
        sink.onMultiPublish(topic, input, start, batchCount);
        return true;
    }

    private void checkBatchMessage(int size) throws ProtocolException {
        if (size <= 0) {
            throw new ProtocolException(
                    ProtocolError.E_BAD_MESSAGE, "MPUB invalid message(" + batchChecked + ") body size " + size);
        }
        if (size > limits.maxMessageSize()) {
            throw new ProtocolException(
                    ProtocolError.E_BAD_MESSAGE, "MPUB message too big " + size + " > " + limits.maxMessageSize());
        }
    }

    /// The topic in the second word. Producers name the same one again and again, so the last one is kept as a string.
    private String topic(ByteBuffer input, String command) throws ProtocolException {
        if (isLastTopic(input)) {
            return topic;
        }
        var name = word(input, 1);
        if (!Names.isValid(name)) {
            throw ProtocolException.quoting(
                    ProtocolError.E_BAD_TOPIC, command + " topic name " + GoQuote.quote(name) + " is not valid");
        }
        topic = name;
        topicBytes = name.getBytes(StandardCharsets.ISO_8859_1);
        return name;
    }

    private boolean isLastTopic(ByteBuffer input) {
        int length = wordEnds[1] - wordStarts[1];
        if (length != topicBytes.length || length == 0) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (input.get(wordStarts[1] + i) != topicBytes[i]) {
                return false;
            }
        }
        return true;
    }

    private int idPosition() throws ProtocolException {
        if (wordEnds[1] - wordStarts[1] != MessageId.LENGTH) {
            throw invalid("invalid message ID");
        }
        return wordStarts[1];
    }

    /// ASCII digits only; none at all is 0; -1 when there is anything else or the number passes 64 bits.
    private long number(ByteBuffer input, int index) {
        long number = 0;
        for (int i = wordStarts[index]; i < wordEnds[index]; i++) {
            int digit = input.get(i) - '0';
            if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private void requireSubscribed(String command) throws ProtocolException {
        requireState(session != Session.INITIAL, command);
    }

    private void requireState(boolean allowed, String command) throws ProtocolException {
        if (!allowed) {
            throw invalid("cannot " + command + " in current state");
        }
    }

    private static ProtocolException invalid(String text) {
        return ProtocolException.quoting(ProtocolError.E_INVALID, text);
    }

    private ProtocolException malformed(String text) {
        return new ProtocolException(body.malformed, body.name() + " " + text);
    }
}
