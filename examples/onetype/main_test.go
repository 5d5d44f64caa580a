package main

import "context"

func Example() {
	if err := run(context.Background()); err != nil {
		panic(err)
	}
	// Output:
	// greet the world
	// (no help)
	// greet: hello, world
	// version: 1.0
}
