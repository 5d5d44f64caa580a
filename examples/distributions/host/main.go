// Host finds plugins in other modules, as a Python program does with the entry
// points of other distributions: it links whatever the modules have that its go.mod
// requires, and names neither their packages nor their plugins.
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/third/greeting"
	"github.com/plugingen/plugingen/registry"
)

//go:generate go tool plugingen

//plugin:link packages=all

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	manager := registry.NewManager[greeting.Greeter]("example.greetings")
	greeters, err := manager.LoadAll(ctx)
	if err != nil {
		return err
	}
	for _, greet := range greeters {
		fmt.Println(greet("Gopher"))
	}
	return nil
}
