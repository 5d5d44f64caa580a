package main

import "context"

func Example() {
	if err := run(context.Background()); err != nil {
		panic(err)
	}
	// Output:
	// Hallo Gopher
	// Hello, Gopher
}
