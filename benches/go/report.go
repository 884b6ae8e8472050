// Package bench is what the two programs have in common. See ../transfer.h.
package bench

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"syscall"
)

// Work is what went through the callbacks.
type Work struct {
	Callbacks, Bytes int
}

// Take counts a piece of the body.
func (w *Work) Take(data []byte) {
	w.Callbacks++
	w.Bytes += len(data)
}

// Run does the GETs that the arguments say, get COUNT URL, and prints what they took.
func Run(get func(work *Work, count int, url string) error) {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var work Work
	user, system := taken()
	if err := get(&work, count, os.Args[3]); err != nil {
		log.Fatal(err)
	}
	userAfter, systemAfter := taken()
	fmt.Printf("callbacks %d bytes %d user_us %d sys_us %d\n",
		work.Callbacks, work.Bytes, userAfter-user, systemAfter-system)
}

// taken is the microseconds that the process has taken.
func taken() (user, system int64) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return usage.Utime.Nano() / 1000, usage.Stime.Nano() / 1000
}
