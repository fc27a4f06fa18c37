package main

import (
	"fmt"
	"log"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nsqio/go-nsq"
)

// A gap in the status is named only up to this many of its messages.
const namedMissing = 10

// Consumers of one channel, and what all of them together have seen.
type consuming struct {
	config         *nsq.Config
	topic, channel string
	count          int
	lookups        []string
	full           chan bool

	mu         sync.Mutex
	seen       map[string]map[int]int
	distinct   int
	duplicates int
	foreign    int
}

func newConsuming(config *nsq.Config, topic, channel string, count int, lookups []string) *consuming {
	return &consuming{
		config: config, topic: topic, channel: channel, count: count, lookups: lookups, full: make(chan bool),
		seen: map[string]map[int]int{},
	}
}

func (c *consuming) run(clients int) {
	var consumers []*nsq.Consumer
	c.config.MaxInFlight = 100
	c.config.LookupdPollInterval = time.Second
	c.config.LookupdPollJitter = 0
	c.config.MaxAttempts = 0
	for i := 0; i < clients; i++ {
		consumer, err := nsq.NewConsumer(c.topic, c.channel, c.config)
		if err != nil {
			log.Fatal(err)
		}
		consumer.SetLoggerLevel(nsq.LogLevelMax + 1) // what fails is counted
		consumer.AddHandler(nsq.HandlerFunc(func(m *nsq.Message) error {
			c.take(string(m.Body))
			return nil
		}))
		if err := consumer.ConnectToNSQLookupds(c.lookups); err != nil {
			log.Fatal(err)
		}
		consumers = append(consumers, consumer)
	}
	<-c.full
	for _, consumer := range consumers {
		consumer.Stop()
		<-consumer.StopChan
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Printf("distinct %d duplicates %d\n", c.distinct, c.duplicates)
}

func (c *consuming) take(body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	numbered, _, _ := strings.Cut(body, " ")
	name, number, found := strings.Cut(numbered, "-")
	i, err := strconv.Atoi(number)
	if !found || err != nil {
		c.foreign++
		return
	}
	if c.seen[name] == nil {
		c.seen[name] = map[int]int{}
	}
	c.seen[name][i]++
	if c.seen[name][i] > 1 {
		c.duplicates++
		return
	}
	c.distinct++
	if c.distinct == c.count {
		close(c.full)
	}
}

func (c *consuming) status() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	missing := map[string][]int{}
	for name, seen := range c.seen {
		highest := 0
		for i := range seen {
			highest = max(highest, i)
		}
		for i := 0; i < highest && len(missing[name]) < namedMissing; i++ {
			if seen[i] == 0 {
				missing[name] = append(missing[name], i)
			}
		}
	}
	return map[string]any{
		"distinct": c.distinct, "duplicates": c.duplicates, "foreign": c.foreign, "missing": missing,
	}
}
