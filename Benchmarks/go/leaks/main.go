// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// Looks for leaked goroutines, and says what that cost: leaks NODES GOROUTINES LOST TIMES
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

type node struct {
	left, right *node
	payload     [5]uint
}

const parts = 64

var heap [parts][]*node
var channels []chan int
var longestGap, longestHeld atomic.Int64
var sink atomic.Pointer[[]byte]

func addNodes(count int) {
	for part := range heap {
		for index := 0; index < count/parts; index++ {
			made := new(node)
			if index > 0 {
				made.left = heap[part][index/2]
				made.right = heap[part][index*7/11]
			}
			heap[part] = append(heap[part], made)
		}
	}
}

//go:noinline
func lose(count int) {
	for i := 0; i < count; i++ {
		nobodys := make(chan int)
		go func() { <-nobodys }()
	}
}

// How long this thread could have run and did not.
func waited(file int) int64 {
	var bytes [128]byte
	count, _ := syscall.Pread(file, bytes[:], 0)
	number, _ := strconv.ParseInt(strings.Fields(string(bytes[:count]))[1], 10, 64)
	return number
}

func raise(longest *atomic.Int64, value int64) {
	if value > longest.Load() {
		longest.Store(value)
	}
}

// The same work as Probe.swift's, turn by turn.
func probe() {
	runtime.LockOSThread()
	file, _ := syscall.Open("/proc/thread-self/schedstat", syscall.O_RDONLY, 0)
	before, waitedBefore := time.Now(), waited(file)
	for {
		for _, size := range []int{64, 1000, 20_000} {
			block := make([]byte, size)
			block[0] = 1
			sink.Store(&block)
		}
		area, _ := syscall.Mmap(-1, 0, 1<<16, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
		for offset := 0; offset < len(area); offset += 4096 {
			area[offset] = 1
		}
		syscall.Munmap(area)
		now, waitedNow := time.Now(), waited(file)
		gap := now.Sub(before).Nanoseconds()
		raise(&longestGap, gap)
		raise(&longestHeld, gap-(waitedNow-waitedBefore))
		before, waitedBefore = now, waitedNow
	}
}

func main() {
	var numbers []int
	for _, word := range os.Args[1:] {
		if number, failure := strconv.Atoi(word); failure == nil && number >= 0 {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) != 4 {
		fmt.Fprintln(os.Stderr, "usage: leaks NODES GOROUTINES LOST TIMES")
		os.Exit(2)
	}
	addNodes(numbers[0])
	for i := 0; i < numbers[1]; i++ {
		channel := make(chan int)
		channels = append(channels, channel)
		go func() { <-channel }()
	}
	go probe()
	time.Sleep(500 * time.Millisecond)
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		fmt.Fprintln(os.Stderr, "this Go has no goroutineleak profile: take 1.27 or later")
		os.Exit(1)
	}
	profile.WriteTo(io.Discard, 0)
	for i := 0; i < numbers[3]; i++ {
		lose(numbers[2])
		time.Sleep(300 * time.Millisecond)
		longestGap.Store(0)
		longestHeld.Store(0)
		start := time.Now()
		profile.WriteTo(io.Discard, 0)
		fmt.Println("duration", float64(time.Since(start).Nanoseconds())/1e6)
		fmt.Println("held", float64(longestHeld.Load())/1e6)
		fmt.Println("gap", float64(longestGap.Load())/1e6)
		fmt.Println("found", profile.Count())
		longestGap.Store(0)
		longestHeld.Store(0)
		time.Sleep(time.Since(start))
		fmt.Println("control", float64(longestHeld.Load())/1e6)
	}
	runtime.KeepAlive(channels)
}
