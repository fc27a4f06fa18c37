package io.waystation.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Writes down each call. Pauses and unready topics come at random when it is given a random generator.
final class RecordingSink implements CommandSink {
    private final List<String> calls = new ArrayList<>();
    private final SplittableRandom random;
    private final boolean hesitates;
    private final CommandLimits limits;
    private final CommandDecoder decoder;

    RecordingSink(CommandLimits limits, SplittableRandom random, boolean hesitates) {
        this.random = random;
        this.hesitates = hesitates;
        this.limits = limits;
        this.decoder = new CommandDecoder(this, limits);
    }

    CommandDecoder decoder() {
        return decoder;
    }

    List<String> calls() {
        return calls;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String text(ByteBuffer input, int position, int length) {
        var bytes = new byte[length];
        input.get(position, bytes);
        return text(bytes);
    }

    @Override
    public void onIdentify(byte[] body) {
        calls.add("IDENTIFY " + text(body));
    }

    @Override
    public void onAuth(byte[] secret) {
        calls.add("AUTH " + text(secret));
    }

    @Override
    public void onSubscribe(String topic, String channel) {
        calls.add("SUB " + topic + " " + channel);
        decoder.subscribed();
    }

    @Override
    public void onReady(int count) {
        calls.add("RDY " + count);
    }

    @Override
    public void onFinish(long id, ByteBuffer input, int idPosition) {
        calls.add("FIN " + id + " " + MessageId.text(input, idPosition));
    }

    @Override
    public void onRequeue(long id, ByteBuffer input, int idPosition, long delayMs) {
        calls.add("REQ " + id + " " + MessageId.text(input, idPosition) + " " + delayMs);
    }

    @Override
    public void onTouch(long id, ByteBuffer input, int idPosition) {
        calls.add("TOUCH " + id + " " + MessageId.text(input, idPosition));
    }

    @Override
    public void onCloseWait() {
        calls.add("CLS");
    }

    @Override
    public void onNop() {
        calls.add("NOP");
    }

    @Override
    public long maxDeferMs(String topic) {
        return limits.maxDeferMs();
    }

    @Override
    public boolean isTopicReady(String topic, ProtocolError failure) {
        return !hesitates || random.nextInt(4) > 0;
    }

    @Override
    public void onPublish(String topic, ByteBuffer input, int position, int length) {
        calls.add("PUB " + topic + " " + text(input, position, length));
    }

    @Override
    public void onExtendedPublish(
            String topic, PublishAttributes attributes, ByteBuffer input, int position, int length) {
        var key = attributes.key();
        calls.add("XPUB " + topic + " " + (key == null ? "" : text(key)) + " " + attributes.deferMs() + " "
                + text(input, position, length));
    }

    @Override
    public void onMultiPublish(String topic, ByteBuffer input, int position, int count) {
        var call = new StringBuilder("MPUB " + topic);
        int at = position;
        for (int i = 0; i < count; i++) {
            int length = input.getInt(at);
            call.append(' ').append(text(input, at + Integer.BYTES, length));
            at += Integer.BYTES + length;
        }
        calls.add(call.toString());
    }

    @Override
    public void onDeferredPublish(String topic, long delayMs, ByteBuffer input, int position, int length) {
        calls.add("DPUB " + topic + " " + delayMs + " " + text(input, position, length));
    }

    @Override
    public boolean isPaused() {
        return hesitates && random.nextInt(4) == 0;
    }
}
