// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// Nanoseconds for one expvar.Int.Add: increment counter|counter-two-threads OPERATIONS
package main

import (
	"expvar"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

//go:noinline
func increment(counter *expvar.Int, times int) {
	for i := 0; i < times; i++ {
		counter.Add(1)
	}
}

// The median over slices of a fraction of a millisecond, after one tenth to warm up: most slices are not interrupted, so
// what else runs on the machine hardly counts.
func medianOfSlices(counter *expvar.Int, operations int) float64 {
	const slice = 100_000
	increment(counter, operations/10)
	times := make([]float64, max(1, operations/slice))
	for i := range times {
		start := time.Now()
		increment(counter, slice)
		times[i] = float64(time.Since(start).Nanoseconds()) / slice
	}
	sort.Float64s(times)
	return times[len(times)/2]
}

func runAlone(processor int) {
	runtime.LockOSThread()
	processors := [16]uint64{1 << processor}
	_, _, failure := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(processors),
		uintptr(unsafe.Pointer(&processors)))
	if failure != 0 {
		fmt.Fprintln(os.Stderr, "a processor cannot be had: the comparison needs two:", failure)
		os.Exit(1)
	}
}

func main() {
	operations := 0
	if len(os.Args) == 3 {
		operations, _ = strconv.Atoi(os.Args[2])
	}
	counter := expvar.NewInt("requests_total")
	var nanoseconds float64
	switch {
	case operations > 0 && os.Args[1] == "counter":
		nanoseconds = medianOfSlices(counter, operations)
	case operations > 0 && os.Args[1] == "counter-two-threads":
		// Each has a processor of its own, else the scheduler may leave both on one for the whole run.
		var ready, done sync.WaitGroup
		var begin atomic.Bool
		ready.Add(2)
		done.Add(2)
		for thread := 0; thread < 2; thread++ {
			go func() {
				runAlone(thread)
				increment(counter, operations/20) // warm up
				ready.Done()
				for !begin.Load() {
				}
				increment(counter, operations/2)
				done.Done()
			}()
		}
		ready.Wait()
		start := time.Now()
		begin.Store(true)
		done.Wait()
		nanoseconds = float64(time.Since(start).Nanoseconds()) / float64(operations)
	default:
		fmt.Fprintln(os.Stderr, "usage: increment counter|counter-two-threads OPERATIONS")
		os.Exit(1)
	}
	fmt.Println("ns_per_op", nanoseconds)
	if counter.Value() < int64(operations) {
		fmt.Fprintln(os.Stderr, "the counter is wrong")
		os.Exit(1)
	}
}
