// Command load is the part of the benchmark's load that NSQ's own bench programs do not make.
//
//	load publish     publishes in batches, each connection waiting for its answer
//	load deliver     consumes, a FIN for each message
//	load pub         publishes one message after the other, each connection waiting for its answer
//	load capacity    publishes and consumes, one command a message, with a bounded number of messages under way
//	load latency     the same at a fixed rate, whatever the server does, and the time that each message took
//	load connections holds idle consumers
//	load topics      publishes one message to each of many topics
//
// Each takes -address and prints one JSON object. The client is as thin as the protocol allows (no objects per message,
// one write for what is ready), so that on a machine that it shares with the server little of what is measured is its own.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	commands := map[string]func(*flag.FlagSet) func() (any, error){
		"publish":     publishCommand,
		"deliver":     deliverCommand,
		"pub":         pubCommand,
		"capacity":    capacityCommand,
		"latency":     latencyCommand,
		"connections": connectionsCommand,
		"topics":      topicsCommand,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		log.Fatal("usage: load publish|deliver|pub|capacity|latency|connections|topics flags")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	run := commands[os.Args[1]](flags)
	limit := flags.Duration("limit", 2*time.Minute, "give up after")
	_ = flags.Parse(os.Args[2:])
	time.AfterFunc(*limit, func() { log.Fatalf("load %s: not done after %s", os.Args[1], *limit) })
	result, err := run()
	if err != nil {
		log.Fatalf("load %s: %v", os.Args[1], err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}
