// Failures shows what happens when plugins go wrong: the manager tells its listeners,
// goes on with the others, and returns what loaded along with what did not.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugingen/plugingen/registry"
)

//go:generate go tool plugingen

//plugin:link

// Task is the contract.
//
//plugin:namespace=example.tasks
type Task interface {
	Load(context.Context) error
	Do() string
}

type base struct{}

func (base) Load(context.Context) error { return nil }
func (base) Do() string                 { return "done" }

// Good loads.
//
//plugin:namespace=example.tasks name=good
type Good struct{ base }

// NewBroken fails before there is a plugin.
//
//plugin:namespace=example.tasks name=broken factory
func NewBroken() (*Good, error) { return nil, errors.New("no such device") }

// Failing can be made, but not loaded. What was made is closed again.
//
//plugin:namespace=example.tasks name=failing
type Failing struct{ base }

// Load fails.
func (*Failing) Load(context.Context) error { return errors.New("connection refused") }

// Close is called though Load failed, so that a failed load leaves nothing open.
func (*Failing) Close() error {
	fmt.Println("failing: closed")
	return nil
}

// Panicking panics. That is an error like any other; the stack is in it.
//
//plugin:namespace=example.tasks name=panicking
type Panicking struct{ base }

// Load panics.
func (*Panicking) Load(context.Context) error {
	var counts map[string]int
	counts["x"]++ //nolint:staticcheck // the panic is the point
	return nil
}

// Declining should not load, which is no error.
//
//plugin:namespace=example.tasks name=declining
type Declining struct{ base }

// Load says why.
func (*Declining) Load(context.Context) error {
	return registry.Disabled("no licence key")
}

// listen is told of each step of each plugin's life.
func listen(_ context.Context, e registry.Event) error {
	switch e.Moment {
	case registry.Failed:
		fmt.Printf("%s: %s failed\n", e.Spec.Name, e.Phase)
	case registry.Skipped:
		fmt.Printf("%s: skipped\n", e.Spec.Name)
	}
	return nil
}

func main() { run(context.Background()) }

func run(ctx context.Context) {
	manager := registry.NewManager[Task]("example.tasks",
		registry.WithListener(listen), registry.WithConcurrency(1))

	tasks, err := manager.LoadAll(ctx)
	for _, t := range tasks {
		fmt.Println("loaded:", t.Do())
	}
	fmt.Println("a panic is among the errors:", errors.Is(err, registry.ErrPanic))

	_, err = manager.Load(ctx, "failing")
	if e, ok := errors.AsType[*registry.Error](err); ok {
		fmt.Printf("%s failed in phase %s: %v\n", e.Name, e.Phase, e.Err)
	}
	_, err = manager.Load(ctx, "declining")
	fmt.Println(err)
	if _, err = manager.Load(ctx, "godo"); errors.Is(err, registry.ErrNotFound) {
		fmt.Println(err)
	}
}
