package main

import (
	"syscall"
	"time"
)

const (
	prSetTimerSlack = 29
	timerSlackNs    = 1
)

// Lets this thread's sleeps end within microseconds: by default Linux may add 50 to each.
func preciseSleeps() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetTimerSlack, timerSlackNs, 0)
}

// Sleeps in the kernel: Go's own timers are later by tens of microseconds.
func sleep(duration time.Duration) {
	span := syscall.NsecToTimespec(duration.Nanoseconds())
	_ = syscall.Nanosleep(&span, nil)
}
