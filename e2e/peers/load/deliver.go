package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	// What one read takes at most: a thousand messages of 200 bytes.
	deliverBufferBytes = 256 * 1024

	heartbeat = "_heartbeat_"
)

type deliverResult struct {
	Messages int64   `json:"messages"`
	Seconds  float64 `json:"seconds"`
}

func deliverCommand(flags *flag.FlagSet) func() (any, error) {
	address := flags.String("address", "", "host:port of the server")
	topic := flags.String("topic", "sub_bench", "topic")
	channel := flags.String("channel", "ch", "channel")
	connections := flags.Int("connections", 2, "connections that consume")
	rdy := flags.Int("rdy", 2500, "RDY of each")
	runFor := flags.Duration("runfor", 3*time.Second, "how long")
	return func() (any, error) {
		all := make([]*connection, *connections)
		for i := range all {
			c, err := dial(*address, loadBufferBytes, map[string]any{"client_id": "deliver", "hostname": "deliver", "user_agent": "load"})
			if err != nil {
				return nil, err
			}
			defer c.close()
			c.writeLine("SUB %s %s", *topic, *channel)
			if err := c.call(); err != nil {
				return nil, err
			}
			all[i] = c
		}
		return deliver(all, *rdy, *runFor)
	}
}

// Finishes whatever comes until the time is over.
func deliver(all []*connection, rdy int, runFor time.Duration) (*deliverResult, error) {
	var messages, endedAfterNs atomic.Int64
	began := time.Now()
	err := onEach(all, func(c *connection) error {
		f := newFinisher(c.socket)
		c.writeLine("RDY %d", rdy)
		if err := c.writer.Flush(); err != nil {
			return err
		}
		if err := f.run(began.Add(runFor)); err != nil {
			return err
		}
		messages.Add(f.messages)
		endedAfterNs.Store(time.Since(began).Nanoseconds())
		return f.leave()
	})
	return &deliverResult{Messages: messages.Load(), Seconds: time.Duration(endedAfterNs.Load()).Seconds()}, err
}

// A finisher answers each message with a FIN: those of one read go out in one write, and nothing is allocated. It reads
// the socket of a subscribed connection, on which nothing has come since.
type finisher struct {
	socket   net.Conn
	input    []byte
	unread   int // bytes at the start of the input: a frame that has not come whole
	answers  []byte
	messages int64
}

func newFinisher(socket net.Conn) *finisher {
	return &finisher{socket: socket, input: make([]byte, deliverBufferBytes)}
}

// Until then; a server that closes the connection before is an error.
func (f *finisher) run(end time.Time) error {
	if err := f.socket.SetReadDeadline(end); err != nil {
		return err
	}
	for {
		n, err := f.socket.Read(f.input[f.unread:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f.take(f.unread + n); err != nil {
			return err
		}
		if _, err := f.socket.Write(f.answers); err != nil {
			return err
		}
	}
}

// Handles the whole frames of the input up to there, and keeps the rest for the next time.
func (f *finisher) take(end int) error {
	f.answers = f.answers[:0]
	at := 0
	for end-at >= frameHeadBytes {
		size := int(binary.BigEndian.Uint32(f.input[at:]))
		if largest := len(f.input) - frameTypeBytes; size < frameTypeBytes || size > largest {
			return fmt.Errorf("frame size: %d bytes (expected: %d..%d)", size, frameTypeBytes, largest)
		}
		next := at + frameTypeBytes + size
		if next > end {
			break
		}
		if err := f.takeFrame(binary.BigEndian.Uint32(f.input[at+frameTypeBytes:]), f.input[at+frameHeadBytes:next]); err != nil {
			return err
		}
		at = next
	}
	f.unread = copy(f.input, f.input[at:end])
	return nil
}

func (f *finisher) takeFrame(kind uint32, body []byte) error {
	if kind == frameResponse && string(body) == heartbeat {
		f.answers = append(f.answers, "NOP\n"...)
		return nil
	}
	if kind != frameMessage {
		return fmt.Errorf("frame of type %d: %q (expected: messages and heartbeats)", kind, body)
	}
	if len(body) < publishedAt {
		return fmt.Errorf("message frame: %d bytes (expected: %d or more)", len(body), publishedAt)
	}
	if attempts := binary.BigEndian.Uint16(body[attemptsAt:]); attempts != 1 {
		return fmt.Errorf("message %s: attempt %d (expected: 1, none is redelivered)", body[idAt:publishedAt], attempts)
	}
	f.answers = append(f.answers, "FIN "...)
	f.answers = append(f.answers, body[idAt:publishedAt]...)
	f.answers = append(f.answers, '\n')
	f.messages++
	return nil
}

// Ends the connection so that the server handles every FIN that was sent: it closes when it has read to the end, and
// what it delivers until then stays unfinished.
func (f *finisher) leave() error {
	if err := f.socket.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	if err := f.socket.SetReadDeadline(time.Now().Add(drainLimit)); err != nil {
		return err
	}
	for {
		if _, err := f.socket.Read(f.input); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
