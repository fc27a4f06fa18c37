package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

type publishResult struct {
	Messages int64   `json:"messages"`
	Seconds  float64 `json:"seconds"`
}

func pubCommand(flags *flag.FlagSet) func() (any, error) {
	p := &publisher{limit: math.MaxInt64, batch: 1}
	p.addFlags(flags)
	kafka := flags.Bool("kafka", false, "the server speaks Kafka's protocol")
	return func() (any, error) {
		if *kafka {
			return p.runKafka()
		}
		p.request = pubRequest(p.topic, p.sizeBytes)
		return p.run()
	}
}

func publishCommand(flags *flag.FlagSet) func() (any, error) {
	p := &publisher{}
	p.addFlags(flags)
	flags.IntVar(&p.batch, "batch", 200, "messages of an MPUB")
	flags.Int64Var(&p.limit, "messages", math.MaxInt64, "publish no more, even if there is time left")
	return func() (any, error) {
		p.request = multiPubRequest(p.topic, p.batch, p.sizeBytes)
		return p.run()
	}
}

// A publisher sends the same request over and over, on each of its connections one at a time. The request is made once
// and is one write, so that the client costs little more than the system calls.
type publisher struct {
	address, topic string
	connections    int
	sizeBytes      int
	runFor         time.Duration
	batch          int   // messages of a request
	limit          int64 // messages, of all connections together
	request        []byte

	claimed, published atomic.Int64
}

func (p *publisher) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&p.address, "address", "", "host:port of the server")
	flags.StringVar(&p.topic, "topic", "sub_bench", "topic")
	flags.IntVar(&p.connections, "connections", 2, "connections, each with one request under way")
	flags.IntVar(&p.sizeBytes, "size", 200, "bytes of a message")
	flags.DurationVar(&p.runFor, "runfor", 3*time.Second, "how long")
}

func (p *publisher) run() (*publishResult, error) {
	all := make([]*connection, p.connections)
	for i := range all {
		c, err := dial(p.address, loadBufferBytes, quiet("publisher"))
		if err != nil {
			return nil, err
		}
		defer c.close()
		all[i] = c
	}
	return publishOn(p, all, func(c *connection) error {
		if _, err := c.socket.Write(p.request); err != nil {
			return err
		}
		return c.readOk()
	})
}

// Makes request after request on each connection until the time is over or the limit is reached.
func publishOn[C any](p *publisher, connections []C, request func(C) error) (*publishResult, error) {
	began := time.Now()
	end := began.Add(p.runFor)
	err := onEach(connections, func(c C) error {
		for time.Now().Before(end) && p.claimed.Add(int64(p.batch)) <= p.limit {
			if err := request(c); err != nil {
				return err
			}
			p.published.Add(int64(p.batch))
		}
		return nil
	})
	return &publishResult{Messages: p.published.Load(), Seconds: time.Since(began).Seconds()}, err
}

// Runs it on all connections at the same time; the first connection's error that there is.
func onEach[C any](connections []C, run func(C) error) error {
	errs := make([]error, len(connections))
	var running sync.WaitGroup
	for i, c := range connections {
		start(&running, func() { errs[i] = run(c) })
	}
	running.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	return nil
}

// The settings of a connection without heartbeats, on which nothing comes but what was asked for.
func quiet(name string) map[string]any {
	return map[string]any{"client_id": name, "hostname": name, "user_agent": "load", "heartbeat_interval": -1}
}

func pubRequest(topic string, sizeBytes int) []byte {
	request := []byte("PUB " + topic + "\n")
	return append(binary.BigEndian.AppendUint32(request, uint32(sizeBytes)), make([]byte, sizeBytes)...)
}

func multiPubRequest(topic string, messages, sizeBytes int) []byte {
	request := []byte("MPUB " + topic + "\n")
	request = binary.BigEndian.AppendUint32(request, uint32(4+messages*(4+sizeBytes)))
	request = binary.BigEndian.AppendUint32(request, uint32(messages))
	for range messages {
		request = binary.BigEndian.AppendUint32(request, uint32(sizeBytes))
		request = append(request, make([]byte, sizeBytes)...)
	}
	return request
}
