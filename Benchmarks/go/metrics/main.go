// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// Microseconds for one runtime/metrics.Read of everything: metrics THREADS READINGS
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"sort"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: metrics THREADS READINGS")
		os.Exit(1)
	}
	threads, _ := strconv.Atoi(os.Args[1])
	readings, _ := strconv.Atoi(os.Args[2])
	if readings < 1 {
		os.Exit(1)
	}
	forever := make(chan struct{})
	for i := 0; i < threads; i++ {
		go func() {
			runtime.LockOSThread()
			<-forever
		}()
	}
	descriptions := metrics.All()
	samples := make([]metrics.Sample, len(descriptions))
	for i := range samples {
		samples[i].Name = descriptions[i].Name
	}
	for i := 0; i < 10; i++ {
		metrics.Read(samples)
	}
	times := make([]float64, readings)
	for i := range times {
		time.Sleep(2 * time.Millisecond)
		start := time.Now()
		metrics.Read(samples)
		times[i] = float64(time.Since(start).Nanoseconds()) / 1000
	}
	sort.Float64s(times)
	fmt.Println("all_us", times[len(times)/2])
	fmt.Println("metrics", len(samples))
}
