package main

import (
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

// A flow publishes from some connections, message by message without waiting for the answer to the one before, and
// consumes on others. Every message carries the time since the flow's start at which it was due, so that what is
// measured begins when the message should have been sent, not when the client came to send it.
//
// Whatever fails ends the program: a load that is not whole has no result.
type flow struct {
	address, topic, channel string
	producers, consumers    int
	sizeBytes, rdy          int
	buffered, kafka         bool

	start                    time.Time
	observer                 observer
	sent, answered, finished atomic.Int64
	redelivered              atomic.Int64
	ended                    atomic.Bool
}

// A pace says when a producer's next message is due; ok is false when there is none any more. Before it waits it calls
// flush, so that nothing stays in the client meanwhile.
type pace interface {
	next(producer int, flush func()) (due time.Duration, ok bool)
}

// An observer is told of each message, by one goroutine for each producer and each consumer.
type observer interface {
	answered(producer int, due time.Duration)
	handled(consumer int, due time.Duration)
}

// A protocol makes connections. They report to the flow what was answered and what came.
type protocol interface {
	subscribe(f *flow, id int) link
	producer(f *flow, id int) producer
}

// A link is a connection: run reads from it until it is closed.
type link interface {
	run()
	close()
}

type producer interface {
	link
	publish(due time.Duration)
	flush()
}

func (f *flow) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&f.address, "address", "", "host:port of the server")
	flags.StringVar(&f.topic, "topic", "flow", "topic")
	flags.StringVar(&f.channel, "channel", "ch", "channel, or Kafka's consumer group")
	flags.IntVar(&f.producers, "producers", 2, "connections that publish")
	flags.IntVar(&f.consumers, "consumers", 2, "connections that consume; 1 of a Kafka topic, which has one partition")
	flags.IntVar(&f.sizeBytes, "size", 200, "bytes of a message, 8 or more")
	flags.IntVar(&f.rdy, "rdy", 2500, "RDY of each consumer")
	flags.BoolVar(&f.buffered, "buffered", false, "leave the server's output buffer on, as NSQ's clients do by default")
	flags.BoolVar(&f.kafka, "kafka", false, "the server speaks Kafka's protocol")
}

// Runs until the pace ends and everything that was sent has been answered and handled.
func (f *flow) run(pace pace, observer observer) {
	f.observer = observer
	var protocol protocol = nsqProtocol{}
	if f.kafka {
		protocol = kafkaProtocol{}
	}
	var links []link
	for id := range f.consumers {
		links = append(links, protocol.subscribe(f, id))
	}
	var producing []producer
	for id := range f.producers {
		p := protocol.producer(f, id)
		producing, links = append(producing, p), append(links, p)
	}
	f.start = time.Now()
	var writing, reading sync.WaitGroup
	for _, l := range links {
		start(&reading, l.run)
	}
	for id, p := range producing {
		start(&writing, func() { f.produce(id, p, pace) })
	}
	writing.Wait()
	f.drain()
	f.ended.Store(true)
	for _, l := range links {
		l.close()
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

func (f *flow) produce(id int, p producer, pace pace) {
	// The thread is this goroutine's, so that its precise sleep holds nobody else up.
	runtime.LockOSThread()
	preciseSleeps()
	for {
		due, ok := pace.next(id, p.flush)
		if !ok {
			p.flush()
			return
		}
		p.publish(due)
		f.sent.Add(1)
	}
}

func (f *flow) onAnswer(producer int, due time.Duration) {
	f.observer.answered(producer, due)
	f.answered.Add(1)
}

func (f *flow) onMessage(consumer int, due time.Duration) {
	f.observer.handled(consumer, due)
	f.finished.Add(1)
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
