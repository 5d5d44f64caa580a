// Package parallel calls a function for many numbers at once.
//
// It is not golang.org/x/sync/errgroup, which returns whichever error comes first, and starts a
// goroutine for each call.
package parallel

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Do calls do for each of n numbers, in a number of goroutines, and returns all errors, in the
// order of the numbers.
func Do(goroutines, n int, do func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(goroutines, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
