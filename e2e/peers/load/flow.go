package main

import (
	"encoding/binary"
	"flag"
	"log"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// How long the last messages may take after the last was published.
	drainLimit = 10 * time.Second

	// Messages of one producer that may wait for their answers before it waits for them.
	unansweredLimit = 1 << 16
)

// A flow publishes from some connections, one PUB a message without waiting for the answer to the one before, and
// consumes on others, one FIN a message. Every message carries the time since the flow's start at which it was due, so
// that what is measured begins when the message should have been sent, not when the client came to send it.
//
// Whatever fails ends the program: a load that is not whole has no result.
type flow struct {
	address, topic, channel string
	producers, consumers    int
	sizeBytes, rdy          int
	buffered                bool

	start                    time.Time
	sent, answered, finished atomic.Int64
	redelivered              atomic.Int64
	ended                    atomic.Bool
}

// A pace says when a producer's next message is due; ok is false when there is none any more. Before it waits it calls
// flush, so that nothing stays in the client meanwhile.
type pace interface {
	next(producer int, flush func()) (due time.Duration, ok bool)
}

// An observer is told of each message, by the one goroutine of the connection with this number.
type observer interface {
	answered(producer int, due time.Duration)
	handled(consumer int, due time.Duration)
}

func (f *flow) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&f.address, "address", "", "host:port of the server")
	flags.StringVar(&f.topic, "topic", "flow", "topic")
	flags.StringVar(&f.channel, "channel", "ch", "channel")
	flags.IntVar(&f.producers, "producers", 2, "connections that publish")
	flags.IntVar(&f.consumers, "consumers", 2, "connections that consume")
	flags.IntVar(&f.sizeBytes, "size", 200, "bytes of a message, 8 or more")
	flags.IntVar(&f.rdy, "rdy", 2500, "RDY of each consumer")
	flags.BoolVar(&f.buffered, "buffered", false, "leave the server's output buffer on, as NSQ's clients do by default")
}

// Runs until the pace ends and everything that was sent has been answered and handled.
func (f *flow) run(pace pace, observer observer) {
	var producing, consuming []*connection
	for range f.consumers {
		consuming = append(consuming, f.subscribe())
	}
	for range f.producers {
		c, err := dial(f.address, loadBufferBytes, quiet("producer"))
		f.check(err)
		producing = append(producing, c)
	}
	f.start = time.Now()
	var writing, reading sync.WaitGroup
	for id, c := range consuming {
		start(&reading, func() { f.consume(id, c, observer) })
	}
	for id, c := range producing {
		unanswered := make(chan time.Duration, unansweredLimit)
		start(&reading, func() { f.readAnswers(id, c, unanswered, observer) })
		start(&writing, func() { f.produce(id, c, unanswered, pace) })
	}
	writing.Wait()
	f.drain()
	f.ended.Store(true)
	for _, c := range append(producing, consuming...) {
		c.close()
	}
	reading.Wait()
}

func start(group *sync.WaitGroup, run func()) {
	group.Add(1)
	go func() {
		defer group.Done()
		run()
	}()
}

func (f *flow) subscribe() *connection {
	settings := map[string]any{"client_id": "consumer", "hostname": "consumer", "user_agent": "load"}
	if !f.buffered {
		settings["output_buffer_size"] = -1
		settings["output_buffer_timeout"] = -1
	}
	c, err := dial(f.address, loadBufferBytes, settings)
	f.check(err)
	c.writeLine("SUB %s %s", f.topic, f.channel)
	f.check(c.call())
	c.writeLine("RDY %d", f.rdy)
	f.check(c.writer.Flush())
	return c
}

func (f *flow) produce(id int, c *connection, unanswered chan<- time.Duration, pace pace) {
	// The thread is this goroutine's, so that its precise sleep holds nobody else up.
	runtime.LockOSThread()
	preciseSleeps()
	body := make([]byte, f.sizeBytes)
	flush := func() { f.check(c.writer.Flush()) }
	for {
		due, ok := pace.next(id, flush)
		if !ok {
			flush()
			return
		}
		binary.BigEndian.PutUint64(body, uint64(due))
		unanswered <- due
		c.writePub(f.topic, body)
		f.sent.Add(1)
	}
}

// Answers come in the order of the messages.
func (f *flow) readAnswers(id int, c *connection, unanswered <-chan time.Duration, observer observer) {
	for {
		err := c.readOk()
		if f.ended.Load() {
			return
		}
		f.check(err)
		observer.answered(id, <-unanswered)
		f.answered.Add(1)
	}
}

func (f *flow) consume(id int, c *connection, observer observer) {
	for {
		kind, body, err := c.readFrame()
		if f.ended.Load() {
			return
		}
		f.check(err)
		if kind != frameMessage {
			c.writeLine("NOP") // only heartbeats come here
			f.check(c.writer.Flush())
			continue
		}
		if binary.BigEndian.Uint16(body[attemptsAt:]) > 1 {
			f.redelivered.Add(1)
		}
		c.writeFin(body[idAt:publishedAt])
		observer.handled(id, time.Duration(binary.BigEndian.Uint64(body[publishedAt:])))
		if !c.hasFrame() {
			f.check(c.writer.Flush())
		}
		f.finished.Add(1)
	}
}

func (f *flow) drain() {
	deadline := time.Now().Add(drainLimit)
	for f.answered.Load() < f.sent.Load() || f.finished.Load() < f.sent.Load() {
		if time.Now().After(deadline) {
			log.Fatalf("%s after the last publish: answered %d, delivered %d (expected: %d)",
				drainLimit, f.answered.Load(), f.finished.Load(), f.sent.Load())
		}
		time.Sleep(time.Millisecond)
	}
	if n := f.redelivered.Load(); n > 0 {
		log.Fatalf("redelivered: %d messages (expected: none)", n)
	}
}

func (f *flow) check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
