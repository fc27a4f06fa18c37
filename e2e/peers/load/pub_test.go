package main

import (
	"testing"
	"time"
)

func TestAMultiPubHoldsItsMessages(t *testing.T) {
	request := multiPubRequest("t", 2, 3)

	if got, want := string(request), "MPUB t\n\x00\x00\x00\x12\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00"; got != want {
		t.Fatalf("request: %q (expected: %q)", got, want)
	}
}

func TestAPublisherSendsWholeRequestsUpToItsLimit(t *testing.T) {
	server := startServer(t, nil)
	p := &publisher{
		address: server.address, topic: "t", connections: 2, runFor: time.Minute,
		batch: 200, limit: 1100, request: multiPubRequest("t", 200, 8),
	}

	result, err := p.run()

	if err != nil || result.Messages != 1000 || server.count("MPUB") != 5 {
		t.Fatalf("published: %+v, %v, %d requests (expected: 1000 in 5)", result, err, server.count("MPUB"))
	}
}

func TestAPublisherEndsWithItsTime(t *testing.T) {
	server := startServer(t, nil)
	p := &publisher{
		address: server.address, topic: "t", connections: 1, runFor: 20 * time.Millisecond,
		batch: 1, limit: 1 << 40, request: pubRequest("t", 8),
	}

	result, err := p.run()

	if err != nil || result.Messages == 0 || int64(server.count("PUB")) != result.Messages {
		t.Fatalf("published: %+v, %v (expected: the %d that the server has)", result, err, server.count("PUB"))
	}
}
