package main

import (
	"testing"
	"time"
)

func TestPercentilesAreTheTimesOfTheirRank(t *testing.T) {
	var times []time.Duration
	for i := 1000; i >= 1; i-- {
		times = append(times, time.Duration(i)*time.Microsecond)
	}

	p := percentilesOf(times)

	if p != (percentiles{P50: 500, P99: 990, P999: 999, Max: 1000}) {
		t.Fatalf("percentiles of 1..1000: %+v", p)
	}
}

func TestOneTimeIsEveryPercentile(t *testing.T) {
	p := percentilesOf([]time.Duration{1500 * time.Nanosecond})

	if p != (percentiles{P50: 1.5, P99: 1.5, P999: 1.5, Max: 1.5}) {
		t.Fatalf("percentiles of one time: %+v", p)
	}
}
