// Command counted publishes and consumes numbered messages with go-nsq and says what became of each.
//
//	counted produce -topic T -count N nsqd:4150...   publishes 0..N-1, each until one of the nsqds acknowledges it
//	counted consume -topic T -channel C -count N lookup:4161...   reads until N different ones came
//
// The last line of each says: acknowledged N, or: distinct N duplicates D.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nsqio/go-nsq"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: counted produce|consume flags addresses")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	topic := flags.String("topic", "", "topic")
	channel := flags.String("channel", "counted", "channel")
	count := flags.Int("count", 1000, "messages")
	rate := flags.Int("rate", 0, "messages a second, 0: as fast as they go")
	limit := flags.Duration("limit", 5*time.Minute, "give up after")
	_ = flags.Parse(os.Args[2:])
	time.AfterFunc(*limit, func() { log.Fatalf("not done after %s", *limit) })
	switch os.Args[1] {
	case "produce":
		produce(*topic, *count, *rate, flags.Args())
	case "consume":
		consume(*topic, *channel, *count, flags.Args())
	default:
		log.Fatalf("unknown command %s", os.Args[1])
	}
}

func produce(topic string, count, rate int, addresses []string) {
	var producers []*nsq.Producer
	for _, address := range addresses {
		p, err := nsq.NewProducer(address, nsq.NewConfig())
		if err != nil {
			log.Fatal(err)
		}
		p.SetLoggerLevel(nsq.LogLevelError)
		producers = append(producers, p)
	}
	var pause time.Duration
	if rate > 0 {
		pause = time.Second / time.Duration(rate)
	}
	failures := 0
	for i := 0; i < count; i++ {
		for try := i; ; try++ {
			if err := producers[try%len(producers)].Publish(topic, []byte(strconv.Itoa(i))); err == nil {
				break
			}
			failures++
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(pause)
	}
	fmt.Printf("refused %d\n", failures)
	fmt.Printf("acknowledged %d\n", count)
}

func consume(topic, channel string, count int, lookups []string) {
	config := nsq.NewConfig()
	config.MaxInFlight = 100
	config.LookupdPollInterval = time.Second
	config.MaxAttempts = 0
	consumer, err := nsq.NewConsumer(topic, channel, config)
	if err != nil {
		log.Fatal(err)
	}
	consumer.SetLoggerLevel(nsq.LogLevelError)
	var mu sync.Mutex
	seen := map[string]bool{}
	duplicates := 0
	done := make(chan bool)
	consumer.AddHandler(nsq.HandlerFunc(func(m *nsq.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if seen[string(m.Body)] {
			duplicates++
			return nil
		}
		seen[string(m.Body)] = true
		if len(seen) == count {
			close(done)
		}
		return nil
	}))
	if err := consumer.ConnectToNSQLookupds(lookups); err != nil {
		log.Fatal(err)
	}
	<-done
	consumer.Stop()
	<-consumer.StopChan
	fmt.Printf("distinct %d duplicates %d\n", len(seen), duplicates)
}
