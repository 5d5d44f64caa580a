package main

import (
	"context"
	"os"
)

func Example() {
	for _, region := range []string{"", "eu-central-1"} {
		os.Setenv("REGION", region)
		if err := run(context.Background()); err != nil {
			panic(err)
		}
	}
	// Output:
	// 1 configured: {LogLevel:debug Region:}
	// 2 configured: {LogLevel:debug Region:eu-central-1}
}
