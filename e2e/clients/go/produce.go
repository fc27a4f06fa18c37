package main

import (
	"fmt"
	"log"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nsqio/go-nsq"
)

// A producer moves on to the next address after this many messages, so that each broker gets its share.
const messagesAtOneAddress = 100

// Producers of one topic. Producer p publishes the bodies "p-0", "p-1", ..., filled up with a blank and dots if they are
// to be larger, each until it is acknowledged, so what was acknowledged is known by a number for each.
type producing struct {
	config    *nsq.Config
	topic     string
	count     int
	pause     time.Duration
	padding   string
	addresses []string
	stopped   atomic.Bool
	running   atomic.Int64
	refused   atomic.Int64

	mu           sync.Mutex
	acknowledged map[string]int
	byAddress    map[string]int
	lastError    string
}

func newProducing(config *nsq.Config, topic string, count, rate, size int, addresses []string) *producing {
	p := &producing{
		config: config, topic: topic, count: count, addresses: addresses, acknowledged: map[string]int{}, byAddress: map[string]int{},
	}
	if size > 0 {
		p.padding = " " + strings.Repeat(".", size)
	}
	if rate > 0 {
		p.pause = time.Second / time.Duration(rate)
	}
	return p
}

func (p *producing) stop() { p.stopped.Store(true) }

func (p *producing) run(clients int) {
	var all sync.WaitGroup
	p.running.Store(int64(clients))
	for id := 0; id < clients; id++ {
		all.Add(1)
		go func() {
			defer all.Done()
			defer p.running.Add(-1)
			p.produce(id)
		}()
	}
	all.Wait()
	total := 0
	for _, n := range p.acknowledged {
		total += n
	}
	fmt.Printf("refused %d\n", p.refused.Load())
	fmt.Printf("acknowledged %d\n", total)
}

func (p *producing) produce(id int) {
	var connections []*nsq.Producer
	for _, address := range p.addresses {
		connection, err := nsq.NewProducer(address, p.config)
		if err != nil {
			log.Fatal(err)
		}
		connection.SetLoggerLevel(nsq.LogLevelMax + 1) // what fails is counted
		connections = append(connections, connection)
	}
	name := fmt.Sprint(id)
	at := id
	for i := 0; (p.count == 0 || i < p.count) && !p.stopped.Load(); i++ {
		if i%messagesAtOneAddress == messagesAtOneAddress-1 {
			at++
		}
		body := []byte(fmt.Sprintf("%s-%d%s", name, i, p.padding))
		for {
			err := connections[at%len(connections)].Publish(p.topic, body)
			if err == nil {
				break
			}
			p.failed(err)
			at++
			time.Sleep(20 * time.Millisecond)
		}
		p.done(name, p.addresses[at%len(connections)])
		time.Sleep(p.pause)
	}
}

func (p *producing) failed(err error) {
	p.refused.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastError = err.Error()
}

func (p *producing) done(name, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acknowledged[name]++
	p.byAddress[address]++
}

func (p *producing) status() any {
	p.mu.Lock()
	defer p.mu.Unlock()
	total := 0
	for _, n := range p.acknowledged {
		total += n
	}
	return map[string]any{
		"running": p.running.Load(), "acknowledged": total, "refused": p.refused.Load(), "byAddress": p.byAddress,
		"byProducer": p.acknowledged, "lastError": p.lastError,
	}
}
