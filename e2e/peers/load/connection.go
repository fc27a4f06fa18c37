package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	frameResponse = 0
	frameError    = 1
	frameMessage  = 2

	dialLimit = 5 * time.Second

	// The buffers of a connection under load, and of one that is only held open.
	loadBufferBytes = 64 * 1024
	idleBufferBytes = 512

	// A frame's size and type, which stand before its body.
	frameHeadBytes = 8
	frameTypeBytes = 4

	// A message frame's body: time (8), attempts (2), id (16), then what was published.
	attemptsAt  = 8
	idAt        = 10
	publishedAt = 26
)

// A connection speaks NSQ's protocol V2 without an object per message. One goroutine reads, one writes.
type connection struct {
	socket net.Conn
	reader *bufio.Reader
	writer *bufio.Writer
	unread int // bytes of the frame that was read last, still in the reader's buffer
}

// Connects and identifies itself with these settings.
func dial(address string, bufferBytes int, settings map[string]any) (*connection, error) {
	socket, err := net.DialTimeout("tcp", address, dialLimit)
	if err != nil {
		return nil, err
	}
	c := &connection{socket: socket, reader: bufio.NewReaderSize(socket, bufferBytes), writer: bufio.NewWriterSize(socket, bufferBytes)}
	body, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	_, _ = c.writer.WriteString("  V2IDENTIFY\n")
	c.writeBody(body)
	return c, c.call()
}

func (c *connection) close() { _ = c.socket.Close() }

// What is written is kept until the next flush, or until the buffer is full; the buffer keeps the first error.
func (c *connection) writeBody(body []byte) {
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(body)))
	_, _ = c.writer.Write(size[:])
	_, _ = c.writer.Write(body)
}

func (c *connection) writePub(topic string, body []byte) {
	_, _ = c.writer.WriteString("PUB ")
	_, _ = c.writer.WriteString(topic)
	_ = c.writer.WriteByte('\n')
	c.writeBody(body)
}

func (c *connection) writeFin(id []byte) {
	_, _ = c.writer.WriteString("FIN ")
	_, _ = c.writer.Write(id)
	_ = c.writer.WriteByte('\n')
}

func (c *connection) writeLine(format string, arguments ...any) {
	_, _ = fmt.Fprintf(c.writer, format+"\n", arguments...)
}

// Flushes and reads one frame, which must be OK.
func (c *connection) call() error {
	if err := c.writer.Flush(); err != nil {
		return err
	}
	return c.readOk()
}

func (c *connection) readOk() error {
	kind, body, err := c.readFrame()
	if err == nil && (kind != frameResponse || string(body) != "OK") {
		err = fmt.Errorf("answer: %q (expected: OK)", body)
	}
	return err
}

// The next frame's type and body; the body is valid until the next call.
func (c *connection) readFrame() (uint32, []byte, error) {
	if _, err := c.reader.Discard(c.unread); err != nil {
		return 0, nil, err
	}
	c.unread = 0
	head, err := c.reader.Peek(frameHeadBytes)
	if err != nil {
		return 0, nil, err
	}
	size, kind := int(binary.BigEndian.Uint32(head)), binary.BigEndian.Uint32(head[frameTypeBytes:])
	if largest := c.reader.Size() - frameTypeBytes; size < frameTypeBytes || size > largest {
		return 0, nil, fmt.Errorf("frame size: %d bytes (expected: %d..%d)", size, frameTypeBytes, largest)
	}
	frame, err := c.reader.Peek(frameTypeBytes + size)
	if err != nil {
		return 0, nil, err
	}
	c.unread = len(frame)
	body := frame[frameHeadBytes:]
	if kind == frameError {
		return kind, body, fmt.Errorf("the server answered %q", body)
	}
	if kind == frameMessage && len(body) < publishedAt {
		return kind, body, io.ErrUnexpectedEOF
	}
	return kind, body, nil
}

// Whether the next frame is in the buffer already, so that reading it will not wait.
func (c *connection) hasFrame() bool {
	buffered := c.reader.Buffered() - c.unread
	if buffered < frameHeadBytes {
		return false
	}
	next, err := c.reader.Peek(c.unread + frameTypeBytes)
	return err == nil && buffered >= frameTypeBytes+int(binary.BigEndian.Uint32(next[c.unread:]))
}
