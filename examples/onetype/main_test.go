package main

import "context"

func Example() {
	if err := run(context.Background()); err != nil {
		panic(err)
	}
	// Output:
	// greet: greet the world -> hello, world
	// version: (no help) -> 1.0
}
