package main

import (
	"testing"
	"time"
)

func TestProducersShareTheRateEvenly(t *testing.T) {
	f := &flow{producers: 2, consumers: 1, start: time.Now().Add(-time.Hour)}
	s := newSchedule(f, 1000, 0, 4*time.Millisecond)

	var dues []time.Duration
	for _, producer := range []int{0, 1, 0, 1} {
		due, _ := s.next(producer, func() {})
		dues = append(dues, due)
	}

	for i, due := range dues {
		if due != time.Duration(i)*time.Millisecond {
			t.Fatalf("message %d is due at %s", i, due)
		}
	}
	if _, ok := s.next(0, func() {}); ok {
		t.Fatal("a message is due after the end")
	}
}

func TestAMessageThatIsSentLateCountsFromWhenItWasDue(t *testing.T) {
	f := &flow{producers: 1, consumers: 1, start: time.Now().Add(-time.Hour)}
	s := newSchedule(f, 1000, 0, time.Second)

	due, _ := s.next(0, func() { t.Fatal("a late message is not waited for") })
	s.handled(0, due)

	if times := s.endToEnd.all(); len(times) != 1 || times[0] < time.Hour {
		t.Fatalf("recorded: %v", times)
	}
}

func TestWhatIsDueDuringTheWarmupIsNotRecorded(t *testing.T) {
	f := &flow{producers: 1, consumers: 1, start: time.Now().Add(-time.Hour)}
	s := newSchedule(f, 1000, 10*time.Millisecond, time.Second)

	s.handled(0, 9*time.Millisecond)
	s.handled(0, 10*time.Millisecond)

	if times := s.endToEnd.all(); len(times) != 1 {
		t.Fatalf("recorded: %v", times)
	}
}
