package main

import (
	"slices"
	"time"
)

// Times in microseconds.
type percentiles struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// What each goroutine recorded: every single time, so that the percentiles are exact.
type recording [][]time.Duration

func newRecording(goroutines, expected int) recording {
	r := make(recording, goroutines)
	for i := range r {
		r[i] = make([]time.Duration, 0, expected+expected/8)
	}
	return r
}

func (r recording) all() []time.Duration { return slices.Concat(r...) }

func percentilesOf(times []time.Duration) percentiles {
	slices.Sort(times)
	return percentiles{P50: rank(times, 0.5), P99: rank(times, 0.99), P999: rank(times, 0.999), Max: rank(times, 1)}
}

// The smallest of the sorted times that is not below a share of them; 0 if there are none.
func rank(sorted []time.Duration, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := int(share*float64(len(sorted))+0.9999999) - 1
	return float64(sorted[min(max(at, 0), len(sorted)-1)].Nanoseconds()) / 1000
}
