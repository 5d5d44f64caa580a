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
	// error: plugin localstack.plugins.services:dynamodb is disabled, reason: its ShouldLoad returned false
	// error: no plugin named sq3 in namespace localstack.plugins.services (did you mean s3?); there are: dynamodb, s3, sqs
}
