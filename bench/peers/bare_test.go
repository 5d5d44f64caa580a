package peers

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/plugingen/plugingen/registry"
)

// bare calls the factories and loads, and keeps what they make, as any manager must.
func bare(specs []*registry.Spec, goroutines int) (int, error) {
	all := make([]plugin, len(specs))
	if goroutines == 1 {
		for i, s := range specs {
			if err := makeOne(s, &all[i]); err != nil {
				return i, err
			}
		}
		return len(all), nil
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(specs)); i = next.Add(1) - 1 {
				if err := makeOne(specs[i], &all[i]); err != nil {
					panic(err)
				}
			}
		})
	}
	wg.Wait()
	return len(all), nil
}

func makeOne(s *registry.Spec, to *plugin) error {
	p, err := s.New(s)
	if err != nil {
		return err
	}
	*to = p.(plugin)
	return (*to).Load(ctx)
}
