// Command counted publishes and consumes numbered messages with go-nsq and says what became of each.
//
//	counted produce -topic T -count N nsqd:4150...   publishes 0..N-1, each until one of the nsqds acknowledges it
//	counted consume -topic T -channel C -count N lookup:4161...   reads until N different ones came
//
// Both take -ca FILE (TLS), -snappy, -deflate and -auth SECRET.
// The last line of each says: acknowledged N, or: distinct N duplicates D.
package main

import (
	"crypto/tls"
	"crypto/x509"
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
	ca := flags.String("ca", "", "use TLS, with the authority in this file")
	snappy := flags.Bool("snappy", false, "use Snappy")
	deflate := flags.Bool("deflate", false, "use Deflate")
	auth := flags.String("auth", "", "secret for AUTH")
	limit := flags.Duration("limit", 5*time.Minute, "give up after")
	_ = flags.Parse(os.Args[2:])
	time.AfterFunc(*limit, func() { log.Fatalf("not done after %s", *limit) })
	config := nsq.NewConfig()
	config.Snappy = *snappy
	config.Deflate = *deflate
	config.AuthSecret = *auth
	if *ca != "" {
		config.TlsV1 = true
		config.TlsConfig = trusting(*ca)
	}
	switch os.Args[1] {
	case "produce":
		produce(config, *topic, *count, *rate, flags.Args())
	case "consume":
		consume(config, *topic, *channel, *count, flags.Args())
	default:
		log.Fatalf("unknown command %s", os.Args[1])
	}
}

func trusting(file string) *tls.Config {
	pem, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		log.Fatalf("no certificate in %s", file)
	}
	return &tls.Config{RootCAs: pool}
}

func produce(config *nsq.Config, topic string, count, rate int, addresses []string) {
	var producers []*nsq.Producer
	for _, address := range addresses {
		p, err := nsq.NewProducer(address, config)
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

func consume(config *nsq.Config, topic, channel string, count int, lookups []string) {
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
