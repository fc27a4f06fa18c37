package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

func frame(kind uint32, body []byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(frameTypeBytes+len(body)))
	return append(binary.BigEndian.AppendUint32(head, kind), body...)
}

func message(id, attempts int) []byte {
	body := binary.BigEndian.AppendUint64(nil, 1)
	body = binary.BigEndian.AppendUint16(body, uint16(attempts))
	body = fmt.Appendf(body, "%016x", id)
	return frame(frameMessage, append(body, make([]byte, 200)...))
}

func messages(count int) []byte {
	var all []byte
	for id := range count {
		all = append(all, message(id, 1)...)
	}
	return all
}

func TestEachMessageIsFinishedOnceHoweverTheReadsFall(t *testing.T) {
	input := messages(5)
	var want strings.Builder
	for id := range 5 {
		fmt.Fprintf(&want, "FIN %016x\n", id)
	}
	for step := 1; step <= len(input); step++ {
		f := newFinisher(nil)
		var answers bytes.Buffer
		for rest := input; len(rest) > 0; {
			n := copy(f.input[f.unread:], rest[:min(step, len(rest))])
			if err := f.take(f.unread + n); err != nil {
				t.Fatal(err)
			}
			answers.Write(f.answers)
			rest = rest[n:]
		}

		if answers.String() != want.String() || f.messages != 5 || f.unread != 0 {
			t.Fatalf("reads of %d bytes: %d messages, %d bytes left, %q", step, f.messages, f.unread, answers.String())
		}
	}
}

func TestAHeartbeatIsAnsweredAndNotCounted(t *testing.T) {
	f := newFinisher(nil)
	n := copy(f.input, frame(frameResponse, []byte(heartbeat)))

	err := f.take(n)

	if err != nil || f.messages != 0 || string(f.answers) != "NOP\n" {
		t.Fatalf("%v, %d messages, %q", err, f.messages, f.answers)
	}
}

func TestWhatADeliveryMayNotHoldIsRefused(t *testing.T) {
	for _, refused := range []struct {
		input []byte
		says  string
	}{
		{message(7, 2), "message 0000000000000007: attempt 2"},
		{frame(frameError, []byte("E_INVALID")), "frame of type 1: \"E_INVALID\""},
		{frame(frameMessage, make([]byte, publishedAt-1)), "message frame: 25 bytes"},
		{make([]byte, frameHeadBytes), "frame size: 0 bytes"},
		{bytes.Repeat([]byte{0xff}, frameHeadBytes), "frame size: 4294967295 bytes"},
	} {
		f := newFinisher(nil)
		n := copy(f.input, refused.input)

		err := f.take(n)

		if err == nil || !strings.Contains(err.Error(), refused.says) {
			t.Fatalf("%v (expected: %s)", err, refused.says)
		}
	}
}

func TestNothingIsAllocatedPerMessage(t *testing.T) {
	f := newFinisher(nil)
	input := messages(1000)

	allocations := testing.AllocsPerRun(10, func() {
		if err := f.take(copy(f.input, input)); err != nil {
			t.Fatal(err)
		}
	})

	if allocations != 0 {
		t.Fatalf("%g allocations for 1000 messages", allocations)
	}
}

func TestTheServerHasEveryFinThatWasCounted(t *testing.T) {
	server := startServer(t, messages(3000))
	var all []*connection
	for range 2 {
		c, err := dial(server.address, loadBufferBytes, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		all = append(all, c)
	}

	result, err := deliver(all, 2500, 200*time.Millisecond)

	if err != nil || result.Messages != 6000 || server.count("FIN") != 6000 {
		t.Fatalf("delivered: %+v, %v, %d FINs (expected: 6000)", result, err, server.count("FIN"))
	}
	if result.Seconds < 0.2 || result.Seconds > drainLimit.Seconds() {
		t.Fatalf("seconds: %g (expected: about 0.2)", result.Seconds)
	}
}

func TestAServerThatClosesBeforeTheEndIsAnError(t *testing.T) {
	server := startServer(t, message(1, 1))
	server.closesAfterReady = true
	c, err := dial(server.address, loadBufferBytes, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()

	_, err = deliver([]*connection{c}, 1, time.Minute)

	if err == nil || !strings.Contains(err.Error(), "connection 0") {
		t.Fatalf("%v (expected: the connection's error)", err)
	}
}
