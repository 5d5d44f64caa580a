package registry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/plugingen/plugingen/registry"
)

const ns = "test.plugins"

// plugin does what a test tells it to. What it was told happened is in log.
type plugin struct {
	name   string
	log    *journal
	load   func(context.Context) error
	close  func(context.Context) error
	should func() bool
}

type service interface {
	Load(context.Context) error
	ShouldLoad() bool
	Close(context.Context) error
}

func (p *plugin) ShouldLoad() bool { return p.should == nil || p.should() }

func (p *plugin) Load(ctx context.Context) error {
	p.log.add("load " + p.name)
	if p.load == nil {
		return nil
	}
	return p.load(ctx)
}

func (p *plugin) Close(ctx context.Context) error {
	p.log.add("close " + p.name)
	if p.close == nil {
		return nil
	}
	return p.close(ctx)
}

// journal has what happened, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(line string) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

func (j *journal) count(line string) int {
	n := 0
	for _, l := range j.all() {
		if l == line {
			n++
		}
	}
	return n
}

// spec returns the spec of a plugin; change, if not nil, changes each instance.
func (j *journal) spec(name string, change func(*plugin)) *registry.Spec {
	return &registry.Spec{Namespace: ns, Name: name, New: func(s *registry.Spec) (any, error) {
		j.add("new " + s.Name)
		p := &plugin{name: s.Name, log: j}
		if change != nil {
			change(p)
		}
		return p, nil
	}}
}

// requiring returns a spec that requires others.
func (j *journal) requiring(name string, others ...string) *registry.Spec {
	s := j.spec(name, nil)
	s.Requires = others
	return s
}

func managerOf(specs []*registry.Spec, opts ...registry.Option) *registry.Manager[service] {
	return registry.NewManager[service](ns, append(opts, registry.WithSpecs(specs...))...)
}

func names(plugins []service) []string {
	var list []string
	for _, p := range plugins {
		list = append(list, p.(*plugin).name)
	}
	return list
}

func errorOf(t *testing.T, err error) *registry.Error {
	t.Helper()
	e, ok := errors.AsType[*registry.Error](err)
	if !ok {
		t.Fatalf("%v is no *registry.Error", err)
	}
	return e
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
