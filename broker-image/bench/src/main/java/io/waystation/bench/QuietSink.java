package io.waystation.bench;

import io.waystation.wire.CommandSink;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.PublishAttributes;
import java.nio.ByteBuffer;

/// Takes every command and does nothing; benchmarks override what they measure.
class QuietSink implements CommandSink {
    @Override
    public boolean isPaused() {
        return false;
    }

    @Override
    public long maxDeferMs(String topic) {
        return Load.LIMITS.maxDeferMs();
    }

    @Override
    public boolean isTopicReady(String topic, ProtocolError failure) {
        return true;
    }

    @Override
    public void onIdentify(byte[] body) {
        // nothing
    }

    @Override
    public void onAuth(byte[] secret) {
        // nothing
    }

    @Override
    public void onSubscribe(String topic, String channel) {
        // nothing
    }

    @Override
    public void onReady(int ready) {
        // nothing
    }

    @Override
    public void onFinish(long id, ByteBuffer input, int idPosition) {
        // nothing
    }

    @Override
    public void onRequeue(long id, ByteBuffer input, int idPosition, long delayMs) {
        // nothing
    }

    @Override
    public void onTouch(long id, ByteBuffer input, int idPosition) {
        // nothing
    }

    @Override
    public void onCloseWait() {
        // nothing
    }

    @Override
    public void onNop() {
        // nothing
    }

    @Override
    public void onPublish(String topic, ByteBuffer input, int position, int length) {
        // nothing
    }

    @Override
    public void onMultiPublish(String topic, ByteBuffer input, int position, int messages) {
        // nothing
    }

    @Override
    public void onExtendedPublish(
            String topic, PublishAttributes attributes, ByteBuffer input, int position, int length) {
        // nothing
    }

    @Override
    public void onDeferredPublish(String topic, long delayMs, ByteBuffer input, int position, int length) {
        // nothing
    }
}
