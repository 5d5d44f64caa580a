package watch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/watch"
)

// A program follows its file until its context ends.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "watch")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "app.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			fmt.Println(err)
		}
	}
	write(`{"name": "one"}`)
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	err = watch.Run(ctx, watch.Files{
		Load: func() (config.Value, error) { return config.Load(config.JSONFile(file)) },
		Apply: func(_ context.Context, cfg config.Value) error { // such as Apply of a registry.Set
			name, err := cfg.Key("name").Text()
			fmt.Println("now it is", name)
			if name == "one" {
				write(`{"name": "two"}`)
			} else {
				stop()
			}
			return err
		},
		Report:   func(err error) { fmt.Println(err) },
		Debounce: time.Millisecond,
		Poll:     10 * time.Millisecond,
	})
	fmt.Println(err)
	// Output:
	// now it is one
	// now it is two
	// <nil>
}
