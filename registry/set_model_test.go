package registry_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
)

var setSeed = flag.Uint64("set.seed", 1, "seed of the first history of TestSetModel")

// TestSetModel applies random configurations from several goroutines, while code of
// plugins fails, panics, blocks and is cancelled. The judge is in setModel.judge.
func TestSetModel(t *testing.T) {
	histories := 300
	if testing.Short() {
		histories = 30
	}
	for seed := *setSeed; seed < *setSeed+uint64(histories) && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) {
			m := newSetModel(t, seed)
			m.run()
			if t.Failed() {
				t.Logf("-set.seed=%d", seed)
			}
		})
	}
}

type setModel struct {
	t    *testing.T
	set  *registry.Set[inputContract]
	lab  *lab
	rate int // how often code fails, in percent

	calm atomic.Bool

	mu     sync.Mutex
	random *rand.Rand
	made   []*modelInput

	want map[string]int
	last map[string]modelForm
}

// A modelInput is an instance that a history has made.
type modelInput struct {
	m              *setModel
	id             string
	size           atomic.Int64
	loaded, closed atomic.Int32
}

func (p *modelInput) Options() inputOptions { return inputOptions{Size: int(p.size.Load())} }

func newSetModel(t *testing.T, seed uint64) *setModel {
	m := &setModel{
		t: t, random: rand.New(rand.NewPCG(seed, 0)), lab: &lab{journal: new(journal)},
		want: map[string]int{}, last: map[string]modelForm{},
	}
	m.rate = m.intn(4) * 4
	for i, name := range []string{"a", "b", "c", "d"} {
		s := &registry.Spec{Namespace: inputs, Name: name, Options: &inputDescription, NewWith: m.make}
		for _, other := range []string{"a", "b", "c"}[:i] {
			if m.intn(3) == 0 {
				s.Requires = append(s.Requires, other)
			}
		}
		if m.intn(2) == 0 {
			s.Reload = m.reload
		}
		m.lab.specs = append(m.lab.specs, s)
	}
	opts := []registry.Option{
		registry.WithConcurrency(1 + m.intn(3)),
		registry.WithListener(func(context.Context, registry.Event) error { return m.step(context.Background(), 1) }),
	}
	if m.intn(2) == 0 {
		opts = append(opts, registry.WithLoadTimeout(8*time.Millisecond), registry.WithCloseTimeout(8*time.Millisecond))
	}
	if m.intn(3) == 0 {
		opts = append(opts, registry.WithOverlap())
	}
	m.set = m.lab.set(opts...)
	return m
}

func (m *setModel) intn(n int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.random.IntN(n)
}

func (m *setModel) make(s *registry.Spec, options any) (any, error) {
	if err := m.step(context.Background(), 4); err != nil {
		return nil, err
	}
	p := &modelInput{m: m, id: s.InstanceID()}
	p.size.Store(int64(options.(*inputOptions).Size))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made = append(m.made, p)
	return p, nil
}

func (m *setModel) reload(ctx context.Context, plugin, options any) error {
	p, size := plugin.(*modelInput), int64(options.(*inputOptions).Size)
	if err := m.step(ctx, 4); err != nil {
		return err
	}
	if m.intn(8) == 0 {
		return registry.ErrRestart
	}
	p.size.Store(size)
	return nil
}

func (p *modelInput) Load(ctx context.Context) error {
	if p.loaded.Add(1) > 1 || p.closed.Load() > 0 {
		p.m.t.Errorf("%s is loaded twice, or after it was closed", p.id)
	}
	return p.m.step(ctx, 4)
}

func (p *modelInput) Close(ctx context.Context) error {
	defer func() {
		if p.closed.Add(1) > 1 {
			p.m.t.Errorf("%s is closed twice", p.id)
		}
	}()
	err := p.m.step(ctx, 4)
	if errors.Is(err, registry.ErrDisabled) {
		return nil
	}
	return err
}

// step is what code of a plugin does. It fails as often as the history has it.
func (m *setModel) step(ctx context.Context, quarters int) error {
	if m.calm.Load() {
		return nil
	}
	if m.intn(4) == 0 && quarters == 4 {
		done := ctx.Done()
		if m.intn(3) == 0 {
			done = nil
		}
		select {
		case <-time.After(time.Duration(1+m.intn(12)) * time.Millisecond):
		case <-done:
			return ctx.Err()
		}
	}
	if m.intn(400) >= m.rate*quarters {
		return nil
	}
	switch m.intn(5) {
	case 0:
		panic(errInjected)
	case 1:
		runtime.Goexit()
	case 2:
		return registry.Disabled("injected")
	}
	return errInjected
}

// configuration returns a random one, which is much like an earlier one: the sizes of
// instances by id, and the section.
func (m *setModel) configuration() (map[string]int, config.Value) {
	m.mu.Lock()
	last := maps.Clone(m.last)
	m.mu.Unlock()
	for range 1 + m.intn(2) {
		name := m.lab.specs[m.intn(len(m.lab.specs))].Name
		form := modelForm{kind: m.intn(4)}
		for i := range form.sizes {
			form.sizes[i] = m.intn(3)
		}
		last[name] = form
	}
	m.mu.Lock()
	m.last = last
	m.mu.Unlock()
	sizes, section := map[string]int{}, map[string]any{}
	for name, form := range last {
		switch form.kind {
		case 0: // none
		case 1:
			var list []any
			for i, size := range form.sizes {
				sizes[fmt.Sprintf("%s/%d", name, i)] = size
				list = append(list, map[string]any{"size": size})
			}
			section[name] = list
		default:
			for i, id := range []string{name, name + "/x"}[:form.kind-1] {
				sizes[id] = form.sizes[i]
				section[id] = map[string]any{"size": form.sizes[i]}
			}
		}
	}
	v, err := config.Load(config.FromMap("model", map[string]any{"inputs": section}))
	if err != nil {
		m.t.Error(err)
	}
	return sizes, v.At("inputs")
}

// A modelForm is how a plugin is configured.
type modelForm struct {
	kind  int
	sizes [2]int
}

// judge is the model: the set has what the last configuration that was applied says, but
// for what an error has named.
func (m *setModel) judge(r registry.Result, err error, sizes map[string]int) {
	if r.Applied {
		m.want = sizes
	} else if err == nil && !r.Superseded {
		m.t.Error("neither applied nor an error")
	}
	for id, size := range m.want {
		p, ok := m.set.Get(id)
		missing := slices.Contains(r.Missing, id)
		switch {
		case ok == missing:
			m.t.Errorf("%s is there: %v, but missing are %q: %v", id, ok, r.Missing, err)
		case ok && p.Options().Size != size:
			m.t.Errorf("%s has size %d, not %d (%v, %v)", id, p.Options().Size, size, r, err)
		case missing && len(r.Changes) > 0 && !strings.Contains(err.Error(), id):
			m.t.Errorf("%s is missing, and not named: %v", id, err)
		}
	}
	if len(m.set.Names()) != len(m.want) {
		m.t.Errorf("there are %q instead of %v (%v, %v)", m.set.Names(), m.want, r, err)
	}
	running := map[inputContract]bool{}
	for id, p := range m.set.All() {
		running[p] = true
		if _, ok := m.want[id]; !ok || p.(*modelInput).closed.Load() > 0 {
			m.t.Errorf("%s is there, but should not be, or was closed", id)
		}
	}
	m.checkRequirements(running)
}

// checkRequirements checks that what runs has what it requires.
func (m *setModel) checkRequirements(running map[inputContract]bool) {
	for info := range m.set.Plugins() {
		for _, name := range info.Spec.Requires {
			for id := range m.want {
				p, ok := m.set.Get(id)
				if base, _, _ := strings.Cut(id, "/"); base == name && info.Plugin != nil && (!ok || !running[p]) {
					m.t.Errorf("%s runs without %s", info.Spec.InstanceID(), id)
				}
			}
		}
	}
}

// apply applies a random configuration, with a context that may end.
func (m *setModel) apply() (registry.Result, map[string]int, error) {
	sizes, section := m.configuration()
	ctx := context.Background()
	if m.intn(3) == 0 && !m.calm.Load() {
		limit, cancel := context.WithTimeout(ctx, time.Duration(m.intn(30))*time.Millisecond)
		defer cancel()
		ctx = limit
	}
	r, err := m.set.Apply(ctx, section)
	return r, sizes, err
}

func (m *setModel) run() {
	for range 12 {
		r, sizes, err := m.apply()
		m.judge(r, err, sizes)
	}
	// At the same time, which leaves no more to be said than what is there at the end.
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 3 {
				_, _, _ = m.apply()
				for range m.set.Plugins() {
				}
			}
		})
	}
	all.Wait()
	time.Sleep(time.Minute) // what has been abandoned comes to an end
	m.calm.Store(true)
	for {
		r, sizes, err := m.apply()
		if err == nil {
			m.judge(r, err, sizes)
			break
		}
		if !errors.Is(err, registry.ErrNotFound) { // a requirement that is not configured
			m.t.Errorf("nothing fails any more, but: %v", err)
			break
		}
	}
	if err := m.set.Close(context.Background()); err != nil {
		m.t.Error(err)
	}
	time.Sleep(time.Minute)
	for _, p := range m.made {
		if p.closed.Load() != 1 {
			m.t.Errorf("%s was closed %d times", p.id, p.closed.Load())
		}
	}
	if n := registry.Waiting(); n > 0 {
		m.t.Errorf("%d calls wait for others still", n)
	}
}
