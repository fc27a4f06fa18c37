package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// How long the first record may take: the broker makes the topic, and the group's coordinator.
	kafkaReadyLimit = 30 * time.Second

	// How long the broker may hold a fetch that finds nothing; it answers as soon as there is a record.
	kafkaFetchWait = 100 * time.Millisecond

	// The default of Kafka's own producer.
	kafkaInFlight = 5
)

// A producer that hands over each record at once, acks 1, uncompressed, to the only partition. What comes while so many
// requests are under way is sent together with the next, as Kafka's own producer does.
func kafkaProducer(address, topic string, inFlight int) (*kgo.Client, error) {
	return kgo.NewClient(
		kgo.SeedBrokers(address),
		kgo.DefaultProduceTopic(topic),
		kgo.AllowAutoTopicCreation(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.LeaderAck()),
		kgo.DisableIdempotentWrite(), // which needs acks of all replicas
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),
		kgo.MaxBufferedRecords(unansweredLimit),
		kgo.MaxProduceRequestsInflightPerBroker(inFlight),
	)
}

// Publishes one record and waits for its answer.
func kafkaPublish(client *kgo.Client, body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), kafkaReadyLimit)
	defer cancel()
	return client.ProduceSync(ctx, &kgo.Record{Value: body}).FirstErr()
}

// One record after the other, each a request that is waited for.
func (p *publisher) runKafka() (*publishResult, error) {
	body := make([]byte, p.sizeBytes)
	all := make([]*kgo.Client, p.connections)
	for i := range all {
		client, err := kafkaProducer(p.address, p.topic, 1)
		if err != nil {
			return nil, err
		}
		defer client.Close()
		// The first asks where the partition is, and makes the topic.
		if err := kafkaPublish(client, body); err != nil {
			return nil, err
		}
		all[i] = client
	}
	return publishOn(p, all, func(client *kgo.Client) error { return kafkaPublish(client, body) })
}

type kafkaProtocol struct{}

type kafkaFlowConsumer struct {
	flow   *flow
	client *kgo.Client
	next   int64 // the next record's offset: none may be left out, none may come twice
}

// Subscribed and assigned its partition: it has got a first record. The position is committed every 5 s.
func (kafkaProtocol) subscribe(f *flow, _ int) link {
	if f.consumers != 1 {
		log.Fatalf("-consumers: %d (expected: 1, a Kafka topic has one partition)", f.consumers)
	}
	first, err := kafkaProducer(f.address, f.topic, 1)
	f.check(err)
	defer first.Close()
	f.check(kafkaPublish(first, nil))
	client, err := kgo.NewClient(
		kgo.SeedBrokers(f.address),
		kgo.ConsumerGroup(f.channel),
		kgo.ConsumeTopics(f.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(kafkaFetchWait),
	)
	f.check(err)
	ctx, cancel := context.WithTimeout(context.Background(), kafkaReadyLimit)
	defer cancel()
	fetched := client.PollRecords(ctx, 1)
	f.check(fetched.Err())
	return &kafkaFlowConsumer{flow: f, client: client, next: fetched.Records()[0].Offset + 1}
}

func (c *kafkaFlowConsumer) run() {
	for {
		fetched := c.client.PollFetches(context.Background())
		if c.flow.ended.Load() {
			return
		}
		c.flow.check(fetched.Err())
		for record := range fetched.RecordsAll() {
			c.flow.check(c.take(record))
		}
	}
}

func (c *kafkaFlowConsumer) take(record *kgo.Record) error {
	if record.Offset != c.next {
		return fmt.Errorf("record of offset %d (expected: %d)", record.Offset, c.next)
	}
	c.next++
	c.flow.onMessage(0, time.Duration(binary.BigEndian.Uint64(record.Value)))
	return nil
}

func (c *kafkaFlowConsumer) close() { c.client.Close() }

type kafkaFlowProducer struct {
	flow   *flow
	id     int
	client *kgo.Client
}

func (kafkaProtocol) producer(f *flow, id int) producer {
	client, err := kafkaProducer(f.address, f.topic, kafkaInFlight)
	f.check(err)
	return &kafkaFlowProducer{f, id, client}
}

func (p *kafkaFlowProducer) publish(due time.Duration) {
	body := make([]byte, p.flow.sizeBytes) // the record's, until it is answered
	binary.BigEndian.PutUint64(body, uint64(due))
	p.client.Produce(context.Background(), &kgo.Record{Value: body}, func(_ *kgo.Record, err error) {
		p.flow.check(err)
		p.flow.onAnswer(p.id, due)
	})
}

// Every record is handed over at once.
func (p *kafkaFlowProducer) flush() {}

// The client calls back for each answer.
func (p *kafkaFlowProducer) run() {}

func (p *kafkaFlowProducer) close() { p.client.Close() }
