// Command counted publishes and consumes numbered messages with go-nsq and says what became of each.
//
//	counted produce -topic T -count N nsqd:4150...   publishes 0..N-1, each until one of the nsqds acknowledges it
//	counted consume -topic T -count N lookup:4161... reads until N different ones came
//	counted kill WORD...                             kills every process whose command line has all the words
//
// The first two take -ca FILE (TLS), -snappy, -deflate and -auth SECRET. The last line of each says: acknowledged N, or: distinct N duplicates D, or: killed N.
//
// With -count 0 they go on until they are told to stop. With -status ADDRESS they answer there over HTTP: GET /status
// says in JSON how far they are, POST /stop ends publishing.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/nsqio/go-nsq"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: counted produce|consume|kill flags arguments")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	topic := flags.String("topic", "", "topic")
	channel := flags.String("channel", "counted", "channel")
	count := flags.Int("count", 1000, "messages of each producer, or in all; 0: until stopped")
	rate := flags.Int("rate", 0, "messages a second of each producer, 0: as fast as they go")
	size := flags.Int("size", 0, "bytes that are added to each message")
	clients := flags.Int("clients", 1, "producers or consumers in this process")
	status := flags.String("status", "", "address to say at how far it is")
	ca := flags.String("ca", "", "use TLS, with the authority in this file")
	snappy := flags.Bool("snappy", false, "use Snappy")
	deflate := flags.Bool("deflate", false, "use Deflate")
	auth := flags.String("auth", "", "secret for AUTH")
	limit := flags.Duration("limit", 5*time.Minute, "give up after")
	_ = flags.Parse(os.Args[2:])
	time.AfterFunc(*limit, func() { log.Fatalf("not done after %s", *limit) })
	config := nsq.NewConfig()
	config.DialTimeout = time.Second
	config.Snappy = *snappy
	config.Deflate = *deflate
	config.AuthSecret = *auth
	if *ca != "" {
		config.TlsV1 = true
		config.TlsConfig = trusting(*ca)
	}
	switch os.Args[1] {
	case "produce":
		p := newProducing(config, *topic, *count, *rate, *size, flags.Args())
		serve(*status, p.status, p.stop)
		p.run(*clients)
	case "consume":
		c := newConsuming(config, *topic, *channel, *count, flags.Args())
		serve(*status, c.status, func() {})
		c.run(*clients)
	case "kill":
		kill(flags.Args())
	default:
		log.Fatalf("unknown command %s", os.Args[1])
	}
	if *status != "" {
		select {} // whoever asks for the status ends the process when it has the answer
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

func serve(address string, status func() any, stop func()) {
	if address == "" {
		return
	}
	http.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(status())
	})
	http.HandleFunc("POST /stop", func(http.ResponseWriter, *http.Request) { stop() })
	go func() { log.Fatal(http.ListenAndServe(address, nil)) }()
}
