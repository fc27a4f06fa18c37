package main

import (
	"errors"
	"flag"
	"sync/atomic"
	"time"
)

type latencyResult struct {
	Rate      float64     `json:"rate"`
	Messages  int         `json:"messages"`
	EndToEnd  percentiles `json:"endToEnd"`
	Publish   percentiles `json:"publish"`
	Generator percentiles `json:"generator"`
}

func latencyCommand(flags *flag.FlagSet) func() (any, error) {
	f := &flow{}
	f.addFlags(flags)
	rate := flags.Float64("rate", 1000, "messages a second, of all producers together")
	warmup := flags.Duration("warmup", 2*time.Second, "how long nothing is recorded at first")
	runFor := flags.Duration("runfor", 10*time.Second, "how long after that")
	return func() (any, error) {
		if *rate <= 0 {
			return nil, errors.New("-rate: a rate above 0 is needed")
		}
		s := newSchedule(f, *rate, *warmup, *runFor)
		f.run(s, s)
		return &latencyResult{
			Rate:      *rate,
			Messages:  len(s.endToEnd.all()),
			EndToEnd:  percentilesOf(s.endToEnd.all()),
			Publish:   percentilesOf(s.publish.all()),
			Generator: percentilesOf(s.generator.all()),
		}, nil
	}
}

// An open loop: message k of all is due at k/rate, whether or not the server has kept up until then. A client that waits
// for a slow server would ask fewer questions exactly when the answers are slow (coordinated omission); here a message
// that could not be sent in time counts from the time at which it was due.
type schedule struct {
	flow              *flow
	interval          time.Duration // between the messages of one producer
	offset            time.Duration // between the producers
	warmup, end       time.Duration
	published         []int64
	endToEnd, publish recording
	generator         recording
}

func newSchedule(f *flow, rate float64, warmup, runFor time.Duration) *schedule {
	offset := time.Duration(float64(time.Second) / rate)
	expected := int(rate * runFor.Seconds())
	return &schedule{
		flow:      f,
		interval:  offset * time.Duration(f.producers),
		offset:    offset,
		warmup:    warmup,
		end:       warmup + runFor,
		published: make([]int64, f.producers),
		endToEnd:  newRecording(f.consumers, expected),
		publish:   newRecording(f.producers, expected/f.producers),
		generator: newRecording(f.producers, expected/f.producers),
	}
}

func (s *schedule) next(producer int, flush func()) (time.Duration, bool) {
	due := s.offset*time.Duration(producer) + s.interval*time.Duration(s.published[producer])
	if due >= s.end {
		return 0, false
	}
	s.published[producer]++
	now := time.Since(s.flow.start)
	if now < due {
		flush()
		for ; now < due; now = time.Since(s.flow.start) {
			sleep(due - now)
		}
	}
	s.record(s.generator, producer, due, now)
	return due, true
}

func (s *schedule) answered(producer int, due time.Duration) {
	s.record(s.publish, producer, due, time.Since(s.flow.start))
}

func (s *schedule) handled(consumer int, due time.Duration) {
	s.record(s.endToEnd, consumer, due, time.Since(s.flow.start))
}

func (s *schedule) record(into recording, goroutine int, due, now time.Duration) {
	if due >= s.warmup {
		into[goroutine] = append(into[goroutine], now-due)
	}
}

type capacityResult struct {
	Messages int64   `json:"messages"`
	Seconds  float64 `json:"seconds"`
}

func capacityCommand(flags *flag.FlagSet) func() (any, error) {
	f := &flow{}
	f.addFlags(flags)
	size := flags.Int("window", 1000, "messages under way, from publish to handler")
	runFor := flags.Duration("runfor", 3*time.Second, "how long")
	return func() (any, error) {
		w := &window{flow: f, end: *runFor, free: make(chan struct{}, *size)}
		for range *size {
			w.free <- struct{}{}
		}
		f.run(w, w)
		return &capacityResult{Messages: w.inTime.Load(), Seconds: runFor.Seconds()}, nil
	}
}

// A closed loop: a message is due as soon as one of those under way has been handled.
type window struct {
	flow   *flow
	end    time.Duration
	free   chan struct{}
	inTime atomic.Int64
}

func (w *window) next(_ int, flush func()) (time.Duration, bool) {
	select {
	case <-w.free:
	default:
		flush()
		<-w.free
	}
	now := time.Since(w.flow.start)
	return now, now < w.end
}

func (w *window) answered(int, time.Duration) {}

func (w *window) handled(int, time.Duration) {
	if time.Since(w.flow.start) < w.end {
		w.inTime.Add(1)
	}
	w.free <- struct{}{}
}
