package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// In a pod that shares the node's process ids this is the only way to send SIGKILL to the first process of another pod.
func kill(words []string) {
	if len(words) == 0 {
		log.Fatal("usage: counted kill WORD...")
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		log.Fatal(err)
	}
	killed := 0
	for _, process := range processes {
		id, err := strconv.Atoi(process.Name())
		if err != nil || id == os.Getpid() {
			continue
		}
		line, err := os.ReadFile("/proc/" + process.Name() + "/cmdline")
		if err != nil || !hasAll(string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})), words) {
			continue
		}
		if err := syscall.Kill(id, syscall.SIGKILL); err != nil {
			log.Fatalf("kill %d: %s", id, err)
		}
		killed++
	}
	if killed == 0 {
		log.Fatalf("no process has %s in its command line", strings.Join(words, " "))
	}
	fmt.Printf("killed %d\n", killed)
}

func hasAll(line string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(line, word) {
			return false
		}
	}
	return true
}
