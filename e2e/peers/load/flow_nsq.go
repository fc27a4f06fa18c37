package main

import (
	"encoding/binary"
	"time"
)

// One PUB and one FIN a message.
type nsqProtocol struct{}

type nsqConsumer struct {
	*connection
	flow *flow
	id   int
}

func (nsqProtocol) subscribe(f *flow, id int) link {
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
	return &nsqConsumer{c, f, id}
}

func (c *nsqConsumer) run() {
	for {
		kind, body, err := c.readFrame()
		if c.flow.ended.Load() {
			return
		}
		c.flow.check(err)
		if kind != frameMessage {
			c.writeLine("NOP") // only heartbeats come here
			c.flow.check(c.writer.Flush())
			continue
		}
		if binary.BigEndian.Uint16(body[attemptsAt:]) > 1 {
			c.flow.redelivered.Add(1)
		}
		c.writeFin(body[idAt:publishedAt])
		due := time.Duration(binary.BigEndian.Uint64(body[publishedAt:]))
		if !c.hasFrame() {
			c.flow.check(c.writer.Flush())
		}
		c.flow.onMessage(c.id, due)
	}
}

type nsqProducer struct {
	*connection
	flow       *flow
	id         int
	body       []byte
	unanswered chan time.Duration
}

func (nsqProtocol) producer(f *flow, id int) producer {
	c, err := dial(f.address, loadBufferBytes, quiet("producer"))
	f.check(err)
	return &nsqProducer{c, f, id, make([]byte, f.sizeBytes), make(chan time.Duration, unansweredLimit)}
}

func (p *nsqProducer) publish(due time.Duration) {
	binary.BigEndian.PutUint64(p.body, uint64(due))
	p.unanswered <- due
	p.writePub(p.flow.topic, p.body)
}

func (p *nsqProducer) flush() { p.flow.check(p.writer.Flush()) }

// Answers come in the order of the messages.
func (p *nsqProducer) run() {
	for {
		err := p.readOk()
		if p.flow.ended.Load() {
			return
		}
		p.flow.check(err)
		p.flow.onAnswer(p.id, <-p.unanswered)
	}
}
