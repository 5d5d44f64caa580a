// Command ministack is a small cloud stand-in: an object store, a key-value store
// and queues, on loopback, for programs that are being developed or tested.
//
// It is made of plugins. What they are is written in plugins_gen.go, which
// plugingen makes from the line in this file that says what is linked.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"example.com/ministack/cli"
)

//go:generate go tool plugingen ../../...
//go:generate go tool plugingen schema -o ../../ministack.schema.json
//go:generate go tool plugingen docs -o ../../CONFIG.md
//go:generate go tool plugingen example -schema ./ministack.schema.json -o ../../example.toml

// All plugins of all modules that go.mod requires, whoever wrote them.
//
//plugin:link packages=all

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := cli.Run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ministack:", err)
		os.Exit(1)
	}
}
