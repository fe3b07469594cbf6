// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// Serves counters with expvar until standard input ends, and prints its port: serve counters COUNT
package main

import (
	"expvar"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
)

func main() {
	count := 0
	if len(os.Args) == 3 && os.Args[1] == "counters" {
		count, _ = strconv.Atoi(os.Args[2])
	}
	if count < 1 {
		fmt.Fprintln(os.Stderr, "usage: serve counters COUNT")
		os.Exit(1)
	}
	for index := 1; index <= count; index++ {
		expvar.NewInt(fmt.Sprintf("requests_%05d_total", index)).Add(int64(index))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	go http.Serve(listener, nil) // expvar registered /debug/vars with the default mux
	io.Copy(io.Discard, os.Stdin)
}
