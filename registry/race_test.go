package registry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plugingen/plugingen/registry"
)

// TestMain fails if a test leaves a goroutine of the package behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftBehind(); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines were left behind:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leftBehind gives goroutines that are about to end the time to do so.
func leftBehind() (stacks string) {
	for range 100 {
		buf := make([]byte, 1<<20)
		stacks = ""
		for _, s := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:] {
			if strings.Contains(s, "plugingen/registry") {
				stacks += s + "\n\n"
			}
		}
		if stacks == "" {
			return ""
		}
		time.Sleep(10 * time.Millisecond)
	}
	return stacks
}

// Hundreds of goroutines do everything that can be done, until one closes.
func TestEverythingAtOnce(t *testing.T) {
	var j journal
	var m *registry.Manager[service]
	var specs []*registry.Spec
	for i := range 40 {
		s := j.loading(&m, fmt.Sprintf("p%02d", i), fmt.Sprintf("p%02d", (i*7+1)%40))
		if i > 20 {
			s.Requires = []string{fmt.Sprintf("p%02d", i-20)}
		}
		s.Aliases = []string{"old-" + s.Name}
		specs = append(specs, s)
	}
	r := new(registry.Registry)
	if err := r.Add(specs...); err != nil {
		t.Fatal(err)
	}
	m = on(r, registry.WithConcurrency(4), registry.WithLogger(quiet))
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			ctx := context.Background()
			if random.IntN(2) == 0 {
				timed, cancel := context.WithTimeout(ctx, time.Duration(random.IntN(3000))*time.Microsecond)
				defer cancel()
				ctx = timed
			}
			for range 5 {
				anything(ctx, random, r, m, i)
			}
		})
	}
	all.Wait()
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range m.Loaded() {
		t.Fatal("something is loaded after Close")
	}
	made, closed := 0, 0
	for _, line := range j.all() {
		switch {
		case strings.HasPrefix(line, "new "):
			made++
		case strings.HasPrefix(line, "close "):
			closed++
		}
	}
	for range 100 { // what was abandoned may still be on its way
		if made == closed {
			return
		}
		time.Sleep(10 * time.Millisecond)
		made, closed = 0, 0
		for _, line := range j.all() {
			if strings.HasPrefix(line, "new ") {
				made++
			} else if strings.HasPrefix(line, "close ") {
				closed++
			}
		}
	}
	t.Fatalf("%d made, %d closed", made, closed)
}

func anything(ctx context.Context, random *rand.Rand, r *registry.Registry, m *registry.Manager[service], i int) {
	name := fmt.Sprintf("p%02d", random.IntN(40))
	switch random.IntN(12) {
	case 0:
		m.LoadAll(ctx)
	case 1:
		m.Unload(ctx, name)
	case 2:
		remove := m.Listen(func(context.Context, registry.Event) error { return nil })
		defer remove()
		m.Load(ctx, name)
	case 3:
		for range m.Plugins() {
		}
	case 4:
		for range m.Loaded() {
		}
	case 5:
		m.Names()
		m.Exists("old-" + name)
		m.IsLoaded(name)
	case 6:
		r.Add((&journal{}).spec(fmt.Sprintf("new%d", i), nil))
	case 7:
		m.LoadNamed(ctx, name, "p01")
	case 8:
		if i == 299 && random.IntN(3) == 0 {
			m.Close(ctx)
		}
		m.Validate()
	case 9:
		r.Filter(registry.Exclude(registry.Pattern{Name: "nothing"}))()
	default:
		m.Load(ctx, "old-"+name)
	}
}
