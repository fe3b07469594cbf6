// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// Nanoseconds of processor time for allocating 64 bytes, which the collector frees: allocate pairs THREADS SLICES RATE
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"unsafe"
)

const allocations = 100_000

func processorTime() float64 {
	var time syscall.Timespec
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&time)), 0)
	return float64(time.Sec)*1e9 + float64(time.Nsec)
}

type block struct{ bytes [64]byte }

//go:noinline
func allocate(times int) *block {
	var last *block
	for i := 0; i < times; i++ {
		last = new(block)
		last.bytes[0] = byte(i)
	}
	return last
}

var kept [64]*block

// The median of the slices, of a thread of its own: what the collector does on others is left out.
func run(thread, slices int) float64 {
	runtime.LockOSThread()
	times := make([]float64, slices)
	for i := range times {
		start := processorTime()
		kept[thread] = allocate(allocations)
		times[i] = (processorTime() - start) / allocations
	}
	sort.Float64s(times)
	return times[slices/2]
}

func main() {
	var numbers []int
	for _, word := range os.Args[min(2, len(os.Args)):] {
		if number, failure := strconv.Atoi(word); failure == nil && number >= 0 {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) != 3 || os.Args[1] != "pairs" || numbers[0] < 1 || numbers[0] > len(kept) || numbers[1] < 1 {
		fmt.Fprintln(os.Stderr, "usage: allocate pairs THREADS SLICES RATE")
		os.Exit(1)
	}
	runtime.MemProfileRate = numbers[2]
	medians := make([]float64, numbers[0])
	var done sync.WaitGroup
	for thread := range medians {
		done.Add(1)
		go func() {
			defer done.Done()
			medians[thread] = run(thread, numbers[1])
		}()
	}
	done.Wait()
	sum := 0.0
	for _, median := range medians {
		sum += median
	}
	// What was sampled shows in the profile after two collections.
	runtime.GC()
	runtime.GC()
	records := make([]runtime.MemProfileRecord, 1000)
	count, _ := runtime.MemProfile(records, true)
	sampled := int64(0)
	for _, record := range records[:min(count, len(records))] {
		sampled += record.AllocObjects
	}
	fmt.Println("ns", sum/float64(len(medians)))
	fmt.Println("samples", sampled)
}
