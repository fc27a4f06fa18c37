package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

type idleResult struct {
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
}

// Opens consumers of one channel, says how many and how long that took, and holds them until its input ends. Each
// answers the heartbeats that it gets every 30 s, as NSQ's clients do.
func connectionsCommand(flags *flag.FlagSet) func() (any, error) {
	address := flags.String("address", "", "host:port of the server")
	count := flags.Int("count", 10000, "connections")
	return func() (any, error) {
		var lost atomic.Int64
		start := time.Now()
		for range *count {
			c, err := dial(*address, idleBufferBytes, map[string]any{"client_id": "idle", "hostname": "idle", "user_agent": "load"})
			if err != nil {
				return nil, err
			}
			c.writeLine("SUB idle ch")
			if err := c.call(); err != nil {
				return nil, err
			}
			c.writeLine("RDY 1")
			if err := c.writer.Flush(); err != nil {
				return nil, err
			}
			go answerHeartbeats(c, &lost)
		}
		fmt.Printf("{\"count\": %d, \"seconds\": %f}\n", *count, time.Since(start).Seconds())
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		if n := lost.Load(); n > 0 {
			return nil, fmt.Errorf("connections that the server closed: %d", n)
		}
		return &idleResult{Count: *count, Seconds: time.Since(start).Seconds()}, nil
	}
}

func answerHeartbeats(c *connection, lost *atomic.Int64) {
	for {
		if _, _, err := c.readFrame(); err != nil {
			lost.Add(1)
			return
		}
		c.writeLine("NOP")
		if err := c.writer.Flush(); err != nil {
			lost.Add(1)
			return
		}
	}
}

// Publishes one message to each of so many topics, which makes them.
func topicsCommand(flags *flag.FlagSet) func() (any, error) {
	address := flags.String("address", "", "host:port of the server")
	count := flags.Int("count", 10000, "topics")
	prefix := flags.String("prefix", "topic", "their names begin with it")
	limit := flags.Duration("runfor", time.Minute, "stop after, however many there are")
	return func() (any, error) {
		c, err := dial(*address, loadBufferBytes, quiet("topics"))
		if err != nil {
			return nil, err
		}
		defer c.close()
		start, made := time.Now(), 0
		for made < *count && time.Since(start) < *limit {
			c.writePub(fmt.Sprintf("%s-%d", *prefix, made), make([]byte, 200))
			if err := c.call(); err != nil {
				return nil, err
			}
			made++
		}
		if made == 0 {
			return nil, errors.New("no topic was made")
		}
		return &idleResult{Count: made, Seconds: time.Since(start).Seconds()}, nil
	}
}
