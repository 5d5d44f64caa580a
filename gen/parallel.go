package gen

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel does something for each of n numbers, on all processors, and returns
// all errors, in order.
func parallel(n int, do func(i int) error) error {
	return parallelN(runtime.GOMAXPROCS(0), n, do)
}

func parallelN(workers, n int, do func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
