package registry_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
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
)

var (
	modelSeed = flag.Uint64("model.seed", 1, "seed of the first history of TestModel")
	modelFor  = flag.Duration("model.for", 0, "how long TestModel runs; by default some histories of each profile")
)

// A profile is what may happen in a history of the model. A number is how often, in
// percent.
type profile struct {
	name      string
	requires  int  // plugins require others
	cycles    bool // in any direction, so that there are cycles
	soft      int  // After and Before
	fails     int  // a step of a plugin fails: by an error, a panic, Goexit, Disabled
	slow      int  // a step takes its time
	deaf      int  // and does not heed its context
	nested    int  // Load and Close call managers
	deadlines int  // calls have a context that ends
	listeners int  // listeners that fail, panic, call Goexit, disable or are slow
	filters   int
	changes   int // Add, Remove and Link
	unloads   int
	closes    int
	timeouts  bool // of the managers
	failFast  bool
}

var profiles = []profile{
	{name: "calm", unloads: 10},
	{name: "requirements", requires: 60, unloads: 30},
	{name: "slow requirements", requires: 60, slow: 40, unloads: 40},
	{name: "cycles", requires: 40, cycles: true, unloads: 20, slow: 20},
	{name: "soft order", requires: 30, soft: 40, slow: 20, fails: 10},
	{name: "failures", requires: 40, fails: 30, unloads: 20},
	{name: "fail fast", requires: 40, fails: 20, slow: 20, failFast: true},
	{name: "deadlines", requires: 40, slow: 40, deaf: 50, deadlines: 50, unloads: 20},
	{name: "timeouts", requires: 30, slow: 50, deaf: 50, unloads: 20, timeouts: true},
	{name: "nested", requires: 30, nested: 40, slow: 20, unloads: 20},
	{name: "listeners", requires: 30, listeners: 30, fails: 10, unloads: 20},
	{name: "filters", requires: 30, filters: 40, unloads: 20},
	{name: "changes", requires: 30, changes: 40, unloads: 20, slow: 20},
	{name: "closes", requires: 40, slow: 40, deaf: 30, deadlines: 30, closes: 20, nested: 20},
	{
		name: "everything", requires: 40, cycles: true, soft: 20, fails: 15, slow: 30, deaf: 30, nested: 20,
		deadlines: 30,
		listeners: 5, filters: 10, changes: 10, unloads: 20, closes: 5, timeouts: true,
	},
}

// TestModel lets several goroutines do random things with several managers, and
// checks afterwards, and while plugins are being loaded, that every promise has
// been kept. Time is that of package synctest, which also finds out when nobody can
// go on.
func TestModel(t *testing.T) {
	histories := 20
	if testing.Short() {
		histories = 4
	}
	begin := time.Now()
	for seed := *modelSeed; ; seed++ {
		for _, p := range profiles {
			synctest.Test(t, func(t *testing.T) {
				defer func() {
					if t.Failed() {
						t.Logf("-model.seed=%d, profile %q", seed, p.name)
					}
				}()
				newModel(t, p, seed).run()
			})
		}
		if *modelFor == 0 && seed+1 == *modelSeed+uint64(histories) || *modelFor > 0 && time.Since(begin) > *modelFor {
			return
		}
	}
}

const modelManagers, modelPlugins = 3, 5

// A model has the managers of a history, and all that was made in it.
type model struct {
	t        *testing.T
	profile  profile
	registry *registry.Registry
	managers []*registry.Manager[service]

	calm atomic.Bool // from now on nothing fails, or takes time

	mu        sync.Mutex
	random    *rand.Rand
	instances []*modelInstance
	closing   map[string]int // instances of each plugin that were loaded and are being closed
	extra     []*registry.Spec
	serial    int
}

// errInjected is what fails in plugins and listeners.
var errInjected = errors.New("injected")

func namespaceOf(i int) string { return fmt.Sprintf("model.m%d", i) }

func newModel(t *testing.T, p profile, seed uint64) *model {
	m := &model{
		t: t, profile: p, registry: new(registry.Registry), closing: map[string]int{},
		random:   rand.New(rand.NewPCG(seed, uint64(len(p.name)))),
		managers: make([]*registry.Manager[service], modelManagers),
	}
	var all []registry.AnyManager
	for i := range m.managers {
		opts := []registry.Option{
			registry.WithFinder(m.registry), registry.WithConcurrency(1 + m.intn(3)),
			registry.WithListener(m.listen),
		}
		if p.failFast {
			opts = append(opts, registry.WithFailFast())
		}
		if p.timeouts {
			opts = append(opts, registry.WithLoadTimeout(8*time.Millisecond),
				registry.WithCloseTimeout(8*time.Millisecond))
		}
		if m.chance(p.filters) {
			opts = append(opts, registry.WithFilter(registry.Exclude(registry.Pattern{Name: fmt.Sprintf("p%d",
				m.intn(modelPlugins))})))
		}
		// A manager knows those before it, so that what they have can be required.
		opts = append(opts, registry.WithManagers(all...))
		m.managers[i] = registry.NewManager[service](namespaceOf(i), opts...)
		all = append(all, m.managers[i])
		var specs []*registry.Spec
		for k := range modelPlugins {
			specs = append(specs, m.spec(i, fmt.Sprintf("p%d", k), k))
		}
		m.registry.Link(tableOf(namespaceOf(i), specs...))
	}
	return m
}

func (m *model) intn(n int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.random.IntN(n)
}

func (m *model) chance(percent int) bool { return percent > 0 && m.intn(100) < percent }

// spec returns the spec of a plugin of manager i. Unless there are cycles it
// requires plugins before it only.
func (m *model) spec(i int, name string, k int) *registry.Spec {
	s := &registry.Spec{Namespace: namespaceOf(i), Name: name, New: m.make(i)}
	if m.chance(30) {
		s.Aliases = []string{name + "-alias"}
	}
	pick := func() string {
		if i > 0 && m.chance(30) {
			if m.chance(10) {
				return namespaceOf(m.intn(i)) + ":*"
			}
			return fmt.Sprintf("%s:p%d", namespaceOf(m.intn(i)), m.intn(modelPlugins))
		}
		if m.profile.cycles {
			return fmt.Sprintf("p%d", m.intn(modelPlugins))
		}
		return fmt.Sprintf("p%d", m.intn(k))
	}
	for range 2 {
		if m.chance(m.profile.requires) && k > 0 {
			s.Requires = append(s.Requires, pick())
		}
		if m.chance(m.profile.soft) && k > 0 {
			s.After = append(s.After, pick())
		}
	}
	s.Priority = m.intn(2)
	return s
}

// A modelInstance is a plugin that does what the model tells it to.
type modelInstance struct {
	m       *model
	manager int
	spec    *registry.Spec

	loadBegun, loadDone atomic.Bool
	closeBegun          atomic.Bool
	closed              atomic.Int32
}

func (p *modelInstance) id() string { return p.spec.ID() }

func (m *model) make(i int) func(*registry.Spec) (any, error) {
	return func(s *registry.Spec) (any, error) {
		m.mu.Lock()
		if m.closing[s.ID()] > 0 {
			m.t.Errorf("%s is made while an instance of it is being closed", s.ID())
		}
		m.mu.Unlock()
		if err := m.step(context.Background()); err != nil {
			return nil, err
		}
		p := &modelInstance{m: m, manager: i, spec: s}
		m.mu.Lock()
		m.instances = append(m.instances, p)
		m.mu.Unlock()
		return p, nil
	}
}

func (p *modelInstance) ShouldLoad() bool { return p.m.calm.Load() || !p.m.chance(p.m.profile.fails/4) }

func (p *modelInstance) Load(ctx context.Context) error {
	m := p.m
	if p.loadBegun.Swap(true) {
		m.t.Errorf("%s is loaded twice", p.id())
	}
	if p.closeBegun.Load() {
		m.t.Errorf("%s is loaded after it was closed", p.id())
	}
	required := p.required(ctx)
	err := m.step(ctx)
	if err == nil && m.chance(m.profile.nested) && !m.calm.Load() {
		m.nested(ctx)
	}
	for _, other := range required {
		// Neither deadlines nor a Close of a manager wait for a load without end.
		if other.closeBegun.Load() && ctx.Err() == nil && !m.anyClosed() {
			m.t.Errorf("%s is closed while %s, which requires it, is being loaded", other.id(), p.id())
		}
	}
	p.loadDone.Store(err == nil)
	return err
}

// required returns what the plugin requires, by name. All of that has to be loaded.
func (p *modelInstance) required(ctx context.Context) (list []*modelInstance) {
	m := p.m
	for _, name := range p.spec.Requires {
		manager := m.managers[p.manager]
		if namespace, rest, ok := strings.Cut(name, ":"); ok {
			manager, name = m.managers[int(namespace[len(namespace)-1]-'0')], rest
		}
		if name == "*" {
			continue
		}
		if !manager.IsLoaded(name) {
			if ctx.Err() == nil && !m.anyClosed() && m.profile.changes == 0 {
				m.t.Errorf("%s is loaded without %s", p.id(), name)
			}
			continue
		}
		if other, err := manager.Load(ctx, name); err == nil {
			list = append(list, other.(*modelInstance))
		}
	}
	return list
}

func (m *model) anyClosed() bool {
	return slices.ContainsFunc(m.managers,
		func(x *registry.Manager[service]) bool { return errors.Is(x.Validate(), registry.ErrClosed) })
}

func (p *modelInstance) Close(ctx context.Context) error {
	m := p.m
	p.closeBegun.Store(true)
	defer func() {
		if p.closed.Add(1) > 1 {
			m.t.Errorf("%s is closed twice", p.id())
		}
	}()
	err := m.step(ctx)
	if m.chance(m.profile.nested/2) && !m.calm.Load() {
		m.nested(ctx)
	}
	if errors.Is(err, registry.ErrDisabled) {
		return nil
	}
	return err
}

// step is what code of a plugin does.
func (m *model) step(ctx context.Context) error {
	if m.calm.Load() {
		return nil
	}
	if m.chance(m.profile.slow) {
		timer := time.NewTimer(time.Duration(1+m.intn(10)) * time.Millisecond)
		done := ctx.Done()
		if m.chance(m.profile.deaf) {
			done = nil
		}
		select {
		case <-timer.C:
		case <-done:
			return ctx.Err()
		}
	}
	if !m.chance(m.profile.fails) {
		return nil
	}
	return m.fail()
}

func (m *model) fail() error {
	switch m.intn(6) {
	case 0:
		panic(errInjected)
	case 1:
		runtime.Goexit()
	case 2:
		return registry.Disabled("injected")
	case 3:
		return fmt.Errorf("wrapped: %w", errInjected)
	}
	return errInjected
}

// listen is a listener of each manager. It keeps account of what is being closed.
func (m *model) listen(_ context.Context, e registry.Event) error {
	if e.Plugin != nil && e.Phase == registry.PhaseClose && e.Plugin.(*modelInstance).loadDone.Load() {
		m.mu.Lock()
		if e.Moment == registry.Before {
			m.closing[e.Spec.ID()]++
		} else if m.closing[e.Spec.ID()] > 0 {
			m.closing[e.Spec.ID()]--
		}
		m.mu.Unlock()
	}
	if m.calm.Load() || !m.chance(m.profile.listeners/4) {
		return nil
	}
	return m.fail()
}

// nested is what code of a plugin does with managers. It passes its context on.
func (m *model) nested(ctx context.Context) {
	i := m.intn(modelManagers)
	manager, name := m.managers[i], fmt.Sprintf("p%d", m.intn(modelPlugins))
	switch m.intn(10) {
	case 0:
		_, err := manager.LoadAll(ctx)
		m.check(err)
	case 1:
		m.check(manager.Unload(ctx, name))
	case 2:
		if m.chance(m.profile.closes) {
			m.check(manager.Close(ctx))
		}
	case 3:
		_, err := manager.LoadNamed(ctx, name, "p0")
		m.check(err)
	default:
		_, err := manager.Load(ctx, name)
		m.check(err)
	}
}

// operation is one thing that a program does.
func (m *model) operation() {
	ctx := context.Background()
	if m.chance(m.profile.deadlines) {
		limit, cancel := context.WithTimeoutCause(ctx, time.Duration(m.intn(12))*time.Millisecond, errInjected)
		defer cancel()
		ctx = limit
	}
	i := m.intn(modelManagers)
	manager, name := m.managers[i], fmt.Sprintf("p%d", m.intn(modelPlugins))
	if m.chance(10) {
		name += "-alias"
	}
	switch {
	case m.chance(m.profile.unloads):
		m.check(manager.Unload(ctx, name))
		return
	case m.chance(m.profile.closes):
		m.check(manager.Close(ctx))
		return
	case m.chance(m.profile.changes):
		m.change(ctx, i)
		return
	case m.chance(m.profile.filters):
		remove := m.registry.Filter(registry.Exclude(registry.Pattern{Name: name}))
		time.Sleep(time.Millisecond)
		defer remove()
	}
	switch m.intn(12) {
	case 0, 1:
		all, err := manager.LoadAll(ctx)
		m.loaded(all...)
		m.check(err)
	case 2:
		all, err := manager.LoadNamed(ctx, name, "p1", "missing")
		m.loaded(all...)
		m.check(err)
	case 3:
		all, err := manager.LoadWhere(ctx, func(s *registry.Spec) bool { return s.Name != name })
		m.loaded(all...)
		m.check(err)
	case 4:
		for p, err := range manager.All(ctx) {
			if m.check(err); err == nil {
				m.loaded(p)
			}
		}
	case 5:
		for i := range manager.Plugins() {
			m.state(i)
		}
		for range manager.Loaded() {
		}
		manager.Exists(name)
	case 6:
		if i, err := manager.Info(name); err == nil {
			m.state(i)
		}
		manager.Validate()
	default:
		p, err := manager.Load(ctx, name)
		if m.check(err); err == nil {
			m.loaded(p)
		}
	}
}

// change changes what is in the registry.
func (m *model) change(ctx context.Context, i int) {
	m.mu.Lock()
	m.serial++
	serial := m.serial
	m.mu.Unlock()
	s := m.spec(i, fmt.Sprintf("extra%d", serial), modelPlugins)
	switch m.intn(4) {
	case 0:
		m.registry.Link(tableOf(namespaceOf(i), s))
	case 1:
		m.mu.Lock()
		if n := len(m.extra); n > 0 {
			s = m.extra[n-1]
			m.extra = m.extra[:n-1]
		}
		m.mu.Unlock()
		m.registry.Remove(s)
	default:
		if err := m.registry.Add(s); err != nil {
			m.t.Errorf("add: %v", err)
		}
		m.mu.Lock()
		m.extra = append(m.extra, s)
		m.mu.Unlock()
	}
	_, err := m.managers[i].Load(ctx, s.Name)
	m.check(err)
}

// loaded checks plugins that a call returned.
func (m *model) loaded(plugins ...service) {
	for _, p := range plugins {
		if p == nil || !p.(*modelInstance).loadDone.Load() {
			m.t.Errorf("%v was returned, and not loaded", p)
		}
	}
}

// state checks what is known of a plugin at one moment.
func (m *model) state(i registry.Info) {
	loaded := i.State == registry.StateLoaded
	if loaded != (i.Plugin != nil) || loaded && i.Err != nil ||
		(i.State == registry.StateDisabled) != (i.Reason != "") ||
		i.State == registry.StateFailed && i.Err == nil {
		m.t.Errorf("inconsistent: %s is %v, plugin %v, reason %q, error %v", i.Spec.ID(), i.State, i.Plugin,
			i.Reason, i.Err)
	}
}

// check checks that an error is one that the history explains.
func (m *model) check(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			m.check(err)
		}
		return
	}
	p := m.profile
	var e *registry.Error
	explained := errors.As(err, &e) && (errors.Is(err, registry.ErrNotFound) || // an alias, an extra plugin
		errors.Is(err, errInjected) && p.fails+p.listeners+p.deadlines > 0 ||
		errors.Is(err, registry.ErrPanic) && p.fails+p.listeners > 0 ||
		errors.Is(err, registry.ErrDisabled) && p.fails+p.filters+p.listeners > 0 ||
		strings.Contains(err.Error(), "a listener returned too late") && p.listeners > 0 ||
		errors.Is(err, registry.ErrClosed) && p.closes > 0 ||
		errors.Is(err, registry.ErrCycle) && (p.cycles || p.nested > 0 || p.soft > 0) ||
		errors.Is(err, context.DeadlineExceeded) && (p.deadlines > 0 || p.timeouts) ||
		errors.Is(err, context.Canceled) && (p.failFast || p.deadlines > 0))
	if !explained {
		m.t.Errorf("unexplained: %v", err)
	}
}

// run runs one history, and then checks it.
func (m *model) run() {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 8 {
				done := make(chan struct{})
				go func() { // which may be ended by runtime.Goexit
					defer close(done)
					m.operation()
				}()
				<-done
			}
		})
	}
	all.Wait()
	time.Sleep(time.Minute) // what has been abandoned comes to an end
	synctest.Wait()
	m.checkAtRest("after the history")

	m.calm.Store(true)
	for _, manager := range m.managers {
		_, err := manager.LoadAll(context.Background())
		if err != nil && !errors.Is(err, registry.ErrClosed) && !errors.Is(err, registry.ErrCycle) &&
			!errors.Is(err, registry.ErrDisabled) && !errors.Is(err, registry.ErrNotFound) {
			m.t.Errorf("nothing fails any more, but: %v", err)
		}
	}
	m.checkAtRest("after LoadAll")
	for _, manager := range m.managers {
		if err := manager.Close(context.Background()); err != nil {
			m.t.Errorf("nothing fails any more, but: %v", err)
		}
	}
	m.checkAtRest("after Close")
	for _, p := range m.instances {
		if p.closed.Load() != 1 {
			m.t.Errorf("%s was closed %d times", p.id(), p.closed.Load())
		}
	}
	if n := registry.Waiting(); n > 0 {
		m.t.Errorf("%d calls wait for others still", n)
	}
}

// checkAtRest checks what has to hold when nothing is under way.
func (m *model) checkAtRest(when string) {
	open := map[service]bool{}
	for _, manager := range m.managers {
		for s, p := range manager.Loaded() {
			open[p] = true
			if !manager.IsLoaded(s.Name) {
				m.t.Errorf("%s: %s is loaded and cannot be found", when, s.ID())
			}
			m.checkRequirements(when, manager, s)
		}
		for i := range manager.Plugins() {
			m.state(i)
			if i.State == registry.StateInit || i.State.String() == "closing" {
				m.t.Errorf("%s: %s is %v", when, i.Spec.ID(), i.State)
			}
			if (i.State == registry.StateLoaded) != manager.IsLoaded(i.Spec.Name) {
				m.t.Errorf("%s: %s is %v, IsLoaded returns %v", when, i.Spec.ID(), i.State,
					manager.IsLoaded(i.Spec.Name))
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.instances {
		if closed := p.closed.Load() > 0; closed == open[p] {
			m.t.Errorf("%s: an instance of %s is closed: %v, in Loaded: %v", when, p.id(), closed, open[p])
		}
	}
}

func (m *model) checkRequirements(when string, manager *registry.Manager[service], s *registry.Spec) {
	for _, name := range s.Requires {
		of := manager
		if namespace, rest, ok := strings.Cut(name, ":"); ok {
			of, name = m.managers[int(namespace[len(namespace)-1]-'0')], rest
		}
		if name != "*" && !of.IsLoaded(name) {
			m.t.Errorf("%s: %s is loaded without %s", when, s.ID(), name)
		}
	}
}
