package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// A server that answers OK to whatever has a body, sends these frames to whoever is ready, and counts commands.
type server struct {
	address          string
	delivery         []byte
	closesAfterReady bool

	serving sync.WaitGroup
	mutex   sync.Mutex
	counts  map[string]int
}

func startServer(t *testing.T, delivery []byte) *server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: listener.Addr().String(), delivery: delivery, counts: map[string]int{}}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			start(&s.serving, func() { s.serve(socket) })
		}
	}()
	return s
}

// How many of a command came, on all connections; what clients sent before they left is in.
func (s *server) count(command string) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.counts[command]
}

func (s *server) serve(socket net.Conn) {
	defer func() { _ = socket.Close() }()
	reader := bufio.NewReader(socket)
	_, _ = reader.Discard(len("  V2"))
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		command, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.mutex.Lock()
		s.counts[command]++
		s.mutex.Unlock()
		switch command {
		case "IDENTIFY", "PUB", "MPUB":
			var size uint32
			_ = binary.Read(reader, binary.BigEndian, &size)
			_, _ = io.CopyN(io.Discard, reader, int64(size))
			_, _ = socket.Write(frame(frameResponse, []byte("OK")))
		case "RDY":
			_, _ = socket.Write(s.delivery)
			if s.closesAfterReady {
				return
			}
		}
	}
}
