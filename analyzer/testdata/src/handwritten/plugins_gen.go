package handwritten

import "context"

var _ = new(One).load(context.Background())
