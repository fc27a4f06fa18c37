package io.waystation.wire;

import java.nio.ByteBuffer;

/// What a connection does with each command that [CommandDecoder] found complete and well formed.
///
/// Buffers and positions are valid during the call only. A method that throws ends the command; whether it ends the
/// connection stands in the error.
public interface CommandSink {
    void onIdentify(byte[] body) throws ProtocolException;

    void onAuth(byte[] secret) throws ProtocolException;

    void onSubscribe(String topic, String channel) throws ProtocolException;

    void onReady(int count) throws ProtocolException;

    /// `id` is [MessageId#UNKNOWN] when the 16 bytes at `idPosition` are no id of ours.
    void onFinish(long id, ByteBuffer input, int idPosition) throws ProtocolException;

    void onRequeue(long id, ByteBuffer input, int idPosition, long delayMs) throws ProtocolException;

    void onTouch(long id, ByteBuffer input, int idPosition) throws ProtocolException;

    void onCloseWait() throws ProtocolException;

    void onNop();

    /// The longest delay of a deferred publish to the topic.
    long maxDeferMs(String topic);

    /// Whether messages for the topic can be taken now. When false the decoder stops before the message and offers it
    /// again at the next call of [CommandDecoder#decode].
    boolean isTopicReady(String topic, ProtocolError failure) throws ProtocolException;

    void onPublish(String topic, ByteBuffer input, int position, int length) throws ProtocolException;

    /// `count` messages stand at `position`, each behind its size (int32).
    void onMultiPublish(String topic, ByteBuffer input, int position, int count) throws ProtocolException;

    void onDeferredPublish(String topic, long delayMs, ByteBuffer input, int position, int length)
            throws ProtocolException;

    /// A message with attributes (`XPUB`), which clients that know only NSQ never send.
    void onExtendedPublish(String topic, PublishAttributes attributes, ByteBuffer input, int position, int length)
            throws ProtocolException;

    /// Asked after each command: true stops the decoder until it is called again.
    boolean isPaused();
}
