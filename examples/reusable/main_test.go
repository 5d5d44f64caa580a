package main

import (
	"context"
	"os"
)

func Example() {
	os.Setenv("SERVICES", "s3,sqs")
	run(context.Background(), []string{"s3", "sqs", "dynamodb", "sq3"})
	// Output:
	// s3 is running in eu-central-1
	// sqs is running in eu-central-1
	// error: todo
}
