package main

import (
	"flag"
	"fmt"
	"sync"
	"time"
)

type pubResult struct {
	Messages int     `json:"messages"`
	Seconds  float64 `json:"seconds"`
}

func pubCommand(flags *flag.FlagSet) func() (any, error) {
	address := flags.String("address", "", "host:port of the server")
	topic := flags.String("topic", "sub_bench", "topic")
	connections := flags.Int("connections", 2, "connections, each with one message under way")
	size := flags.Int("size", 200, "bytes of a message")
	runFor := flags.Duration("runfor", 3*time.Second, "how long")
	return func() (any, error) {
		var all []*connection
		for range *connections {
			c, err := dial(*address, loadBufferBytes, quiet("pub"))
			if err != nil {
				return nil, err
			}
			defer c.close()
			all = append(all, c)
		}
		return pub(all, *topic, make([]byte, *size), *runFor)
	}
}

// The settings of a connection without heartbeats, on which nothing comes but what was asked for.
func quiet(name string) map[string]any {
	return map[string]any{"client_id": name, "hostname": name, "user_agent": "load", "heartbeat_interval": -1}
}

func pub(connections []*connection, topic string, body []byte, runFor time.Duration) (*pubResult, error) {
	counts, errs := make([]int, len(connections)), make([]error, len(connections))
	var running sync.WaitGroup
	start := time.Now()
	for i, c := range connections {
		running.Add(1)
		go func() {
			defer running.Done()
			for errs[i] == nil && time.Since(start) < runFor {
				c.writePub(topic, body)
				if errs[i] = c.call(); errs[i] == nil {
					counts[i]++
				}
			}
		}()
	}
	running.Wait()
	result := &pubResult{Seconds: time.Since(start).Seconds()}
	for i := range connections {
		if errs[i] != nil {
			return nil, fmt.Errorf("connection %d: %w", i, errs[i])
		}
		result.Messages += counts[i]
	}
	return result, nil
}
