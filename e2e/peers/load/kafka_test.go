package main

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type recorder []time.Duration

func (r *recorder) answered(int, time.Duration) {}

func (r *recorder) handled(_ int, due time.Duration) { *r = append(*r, due) }

func record(offset int64, due time.Duration) *kgo.Record {
	return &kgo.Record{Offset: offset, Value: binary.BigEndian.AppendUint64(nil, uint64(due))}
}

func TestARecordTellsWhenItWasDue(t *testing.T) {
	handled := recorder{}
	c := &kafkaFlowConsumer{flow: &flow{observer: &handled}, next: 7}

	for i := range int64(3) {
		if err := c.take(record(7+i, time.Duration(i))); err != nil {
			t.Fatal(err)
		}
	}

	if len(handled) != 3 || handled[2] != 2 || c.flow.finished.Load() != 3 {
		t.Fatalf("handled: %v", handled)
	}
}

func TestARecordThatIsMissingOrComesTwiceIsRefused(t *testing.T) {
	for _, offset := range []int64{6, 8} {
		c := &kafkaFlowConsumer{flow: &flow{observer: &recorder{}}, next: 7}

		err := c.take(record(offset, 0))

		if err == nil || !strings.Contains(err.Error(), "expected: 7") || c.flow.finished.Load() != 0 {
			t.Fatalf("offset %d: %v", offset, err)
		}
	}
}
