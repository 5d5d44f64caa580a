package registry_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

func TestPriorities(t *testing.T) {
	is := is.New(t)
	var j journal
	specs := []*registry.Spec{j.spec("a", nil), j.spec("b", nil), j.spec("c", nil), j.spec("d", nil)}
	specs[1].Priority, specs[3].Priority, specs[0].Priority = 10, 10, -1
	all, err := managerOf(specs).LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"b", "d", "c", "a"})
}

func TestRequirementsComeFirst(t *testing.T) {
	is := is.New(t)
	var j journal
	a := j.requiring("a", "z", "y")
	a.Priority = 5
	specs := []*registry.Spec{a, j.spec("b", nil), j.requiring("y", "z"), j.spec("z", nil)}
	all, err := managerOf(specs).LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"z", "y", "a", "b"})

	m := managerOf(specs)
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
	is.True(m.IsLoaded("z"))
	is.True(!m.IsLoaded("b"))
}

// slow has the load of a plugin take a second.
func slow(p *plugin) {
	p.load = func(context.Context) error {
		time.Sleep(time.Second)
		return nil
	}
}

func TestRequirementsInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		specs := []*registry.Spec{j.spec("a", slow), j.spec("b", slow), j.spec("c", slow), j.spec("d", slow)}
		specs[2].Requires = []string{"a", "b"}
		specs[3].Requires = []string{"c"}
		for _, load := range []func(*registry.Manager[service]) error{
			func(m *registry.Manager[service]) error { _, err := m.Load(t.Context(), "d"); return err },
			func(m *registry.Manager[service]) error { _, err := m.LoadAll(t.Context()); return err },
		} {
			begin := time.Now()
			is.NoErr(load(managerOf(specs, registry.WithConcurrency(10))))
			is.Equal(time.Since(begin), 3*time.Second)
		}
	})
}

// When plugins become ready that waited for one, there are as many workers for them as there may be.
func TestWorkersForWhatBecameReady(t *testing.T) {
	for limit, seconds := range map[int]time.Duration{1: 6, 2: 4, 3: 3, 5: 2, 10: 2} {
		synctest.Test(t, func(t *testing.T) {
			is := is.New(t)
			var j journal
			specs := []*registry.Spec{j.spec("first", slow)}
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				s := j.spec(name, slow)
				s.Requires = []string{"first"}
				specs = append(specs, s)
			}
			begin := time.Now()
			_, err := managerOf(specs, registry.WithConcurrency(limit)).LoadAll(t.Context())
			is.NoErr(err)
			is.Equal(time.Since(begin), seconds*time.Second)
		})
	}
}

func TestMissingRequirement(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{
		j.requiring("a", "bb"), j.spec("b", nil), j.requiring("c", "a"),
		j.requiring("d", "other.ns:x"),
	})
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"b"})
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(),
		`requires "bb": no plugin named bb in namespace test.plugins (did you mean b?)`))
	is.True(strings.Contains(err.Error(),
		`plugin test.plugins:c: resolve: requires test.plugins:a, which requires "bb": no plugin named bb`))
	is.True(strings.Contains(err.Error(), `there is no manager of namespace "other.ns"`))
	_, err = m.Load(t.Context(), "c")
	is.True(errors.Is(err, registry.ErrNotFound))
}

func TestRequirementCycle(t *testing.T) {
	is := is.New(t)
	var j journal
	specs := []*registry.Spec{
		j.requiring("a", "b"), j.requiring("b", "c"), j.requiring("c", "a"),
		j.requiring("d", "a"), j.spec("e", nil), j.requiring("f", "f"),
	}
	for _, limit := range []int{1, 4} {
		m := managerOf(specs, registry.WithConcurrency(limit))
		all, err := m.LoadAll(t.Context())
		is.Equal(names(all), []string{"e"})
		is.True(errors.Is(err, registry.ErrCycle))
		is.True(strings.Contains(err.Error(), "test.plugins:a → test.plugins:b → test.plugins:c → test.plugins:a"))
		is.True(strings.Contains(err.Error(), "test.plugins:f → test.plugins:f"))
		for _, name := range []string{"a", "b", "c", "d", "f"} {
			_, err := m.Load(t.Context(), name)
			is.True(errors.Is(err, registry.ErrCycle))
		}
	}
	is.Equal(j.count("new a"), 0)
}

// A plugin that requires one of a cycle is not on the cycle, even if it would be loaded first.
func TestRequiringACycle(t *testing.T) {
	is := is.New(t)
	var j journal
	first := j.requiring("first", "a")
	first.Priority = 1
	m := managerOf([]*registry.Spec{first, j.requiring("a", "b"), j.requiring("b", "a")})
	_, err := m.LoadAll(t.Context())
	is.True(strings.Contains(err.Error(), "plugins require each other: test.plugins:a → test.plugins:b → test.plugins:a"))
	is.True(strings.Contains(err.Error(), "plugin test.plugins:first: resolve: requires test.plugins:a, which failed"))
	is.True(!strings.Contains(err.Error(), "test.plugins:first →"))
}

// Of several reasons why a plugin can't be loaded, the error is the first that it has written.
func TestFirstProblem(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.requiring("a", "gone", "b", "missing"), j.requiring("b", "a")})
	_, err := m.LoadAll(t.Context())
	is.True(strings.Contains(err.Error(), `plugin test.plugins:a: resolve: requires "gone": no plugin named gone`))
	is.True(!strings.Contains(err.Error(), "missing"))
	is.True(strings.Contains(err.Error(), "plugin test.plugins:b: resolve: plugins require each other"))
}

// What is required and disabled is missing: that is a failure, for nobody has
// disabled the plugin that requires it.
func TestDisabledRequirement(t *testing.T) {
	is := is.New(t)
	var j journal
	off := j.spec("off", nil)
	off.ShouldLoad = func(*registry.Spec) bool { return false }
	m := managerOf([]*registry.Spec{off, j.requiring("on", "off")})
	_, err := m.LoadAll(t.Context())
	is.Equal(errorOf(t, err).Name, "on")
	is.True(strings.Contains(err.Error(), "requires test.plugins:off, which is disabled, reason:"))
	i, _ := m.Info("on")
	is.Equal(i.State, registry.StateFailed)
}

// A requirement that fails is tried once by a LoadAll, not once by each that requires it.
func TestFailingRequirementIsTriedOnce(t *testing.T) {
	is := is.New(t)
	var j journal
	bad := j.spec("bad", func(p *plugin) { p.load = func(context.Context) error { return errors.New("no disk") } })
	m := managerOf([]*registry.Spec{j.requiring("a", "bad"), j.requiring("b", "bad"), bad})
	_, err := m.LoadAll(t.Context())
	is.Equal(j.count("load bad"), 1)
	is.Equal(strings.Count(err.Error(), "\n"), 2) // three failures
}

func TestRequirementsAcrossManagers(t *testing.T) {
	is := is.New(t)
	var j journal
	db := j.spec("s3:db", nil)
	db.Namespace = "test.stores"
	stores := registry.NewManager[service]("test.stores", registry.WithSpecs(db))
	m := managerOf([]*registry.Spec{j.requiring("a", "test.stores:s3:db"), j.requiring("b", "test.plugins:a")},
		registry.WithManagers(stores))
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b"})
	is.True(stores.IsLoaded("s3:db"))
	is.NoErr(m.Close(t.Context()))
	is.True(stores.IsLoaded("s3:db")) // closed by its own manager
	is.NoErr(stores.Close(t.Context()))
}

// That another manager is closed is the error of each plugin of it that is required.
func TestRequirementOfClosedManager(t *testing.T) {
	is := is.New(t)
	var j journal
	stored := j.spec("x", nil)
	stored.Namespace = "test.stores"
	stores := registry.NewManager[service]("test.stores", registry.WithSpecs(stored))
	is.NoErr(stores.Close(t.Context()))
	_, err := managerOf([]*registry.Spec{j.requiring("a", "test.stores:x")}, registry.WithManagers(stores)).LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrClosed))
	is.True(strings.Contains(err.Error(), "plugin test.plugins:a: resolve: requires test.stores:x"))
	is.True(!strings.Contains(err.Error(), "not loaded: "))
}

func TestLongChain(t *testing.T) {
	is := is.New(t)
	const n = 10_000
	var j journal
	specs := make([]*registry.Spec, n)
	name := func(i int) string { return fmt.Sprintf("p%05d", i) }
	for i := range specs {
		specs[i] = j.spec(name(i), nil)
		if i+1 < n {
			specs[i].Requires = []string{name(i + 1)}
		}
	}
	_, err := managerOf(specs).Load(t.Context(), name(0))
	is.NoErr(err)
	all, err := managerOf(specs, registry.WithConcurrency(0)).LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all)[0], name(n-1))
	specs[n-1].Requires = []string{name(0)}
	_, err = managerOf(specs).Load(t.Context(), name(0))
	is.True(errors.Is(err, registry.ErrCycle))
}

// Whatever the graph: nothing is loaded before what it requires, what can be
// loaded is, and what cannot be says why.
func TestRandomRequirements(t *testing.T) {
	for seed := range uint64(300) {
		checkRequirements(t, rand.New(rand.NewPCG(seed, 1)))
	}
}

func FuzzRequirements(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) { checkRequirements(t, rand.New(rand.NewPCG(a, b))) })
}

func checkRequirements(t *testing.T, r *rand.Rand) {
	t.Helper()
	n := 1 + r.IntN(12)
	needs := make([][]int, n)
	var j journal
	specs := make([]*registry.Spec, n)
	for i := range specs {
		for range r.IntN(3) {
			needs[i] = append(needs[i], r.IntN(n))
		}
		var others []string
		for _, need := range needs[i] {
			others = append(others, fmt.Sprintf("p%02d", need))
		}
		specs[i] = j.requiring(fmt.Sprintf("p%02d", i), others...)
		specs[i].Priority = r.IntN(3)
	}
	sound := make([]bool, n) // those that can be loaded
	for range n {
		for i := range sound {
			sound[i] = !slices.ContainsFunc(needs[i], func(need int) bool { return !sound[need] })
		}
	}
	m := managerOf(specs, registry.WithConcurrency(1+r.IntN(4)))
	all, err := m.LoadAll(t.Context())
	at := map[string]int{}
	for i, name := range names(all) {
		at[name] = i + 1
	}
	for i, s := range specs {
		if (at[s.Name] > 0) != sound[i] {
			t.Fatalf("%s: loaded %v, can be loaded %v; requirements %v", s.Name, at[s.Name] > 0, sound[i], needs)
		}
		if !sound[i] && !errors.Is(err, registry.ErrCycle) {
			t.Fatalf("the error is %v", err)
		}
		for _, need := range s.Requires {
			if sound[i] && at[need] >= at[s.Name] {
				t.Fatalf("%s comes before %s; requirements %v", s.Name, need, needs)
			}
		}
	}
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRequirementsByAlias(t *testing.T) {
	is := is.New(t)
	var j journal
	base, top := j.spec("base", nil), j.requiring("top", "ground", "base", ns+":ground")
	base.Aliases = []string{"ground"}
	m := managerOf([]*registry.Spec{base, top})
	_, err := m.Load(t.Context(), "top")
	is.NoErr(err)
	is.NoErr(m.Unload(t.Context(), "ground"))
	is.Equal(j.all(), []string{"new base", "load base", "new top", "load top", "close top", "close base"})

	self := j.requiring("self", "me")
	self.Aliases = []string{"me"}
	_, err = managerOf([]*registry.Spec{self}).Load(t.Context(), "self")
	is.True(errors.Is(err, registry.ErrCycle))
}

// Every other plugin of a namespace can be required, in another namespace and in
// the plugin's own.
func TestRequirementOfANamespace(t *testing.T) {
	is := is.New(t)
	var j journal
	stored := func(name string) *registry.Spec {
		s := j.spec(name, nil)
		s.Namespace = "test.stores"
		return s
	}
	off, bad := stored("off"), stored("bad")
	off.ShouldLoad = func(*registry.Spec) bool { return false }
	bad.New = func(*registry.Spec) (any, error) { return nil, errors.New("no disk") }

	stores := registry.NewManager[service]("test.stores", registry.WithSpecs(stored("x"), stored("y"), off))
	m := managerOf([]*registry.Spec{
		j.requiring("a", "test.stores:*"), j.requiring("b", ns+":*"),
		j.spec("c", nil),
	}, registry.WithManagers(stores))
	_, err := m.Load(t.Context(), "a")
	is.NoErr(err) // what is disabled is left out
	is.Equal(j.all(), []string{"new x", "load x", "new y", "load y", "new a", "load a"})
	_, err = m.Load(t.Context(), "b")
	is.NoErr(err)
	is.True(m.IsLoaded("c"))
	is.NoErr(stores.Unload(t.Context(), "y"))
	is.Equal(loadedNames(m), []string{"c"}) // both needed it

	m = managerOf([]*registry.Spec{j.requiring("a", "test.stores:*")}, registry.WithManagers(
		registry.NewManager[service]("test.stores", registry.WithSpecs(stored("x"), bad))))
	_, err = m.LoadAll(t.Context())
	is.True(strings.Contains(err.Error(), "no disk"))
	m = managerOf([]*registry.Spec{j.requiring("a", "test.stores:*")}, registry.WithManagers(
		registry.NewManager[service]("test.stores", registry.WithFinder(new(registry.Registry)))))
	_, err = m.LoadAll(t.Context())
	is.NoErr(err) // all of none
	_, err = managerOf([]*registry.Spec{j.requiring("a", "test.stores:*")}).LoadAll(t.Context())
	is.True(strings.Contains(err.Error(), "pass one with registry.WithManagers"))
}

func TestOtherPatternsAreNoRequirements(t *testing.T) {
	for _, pattern := range []string{"*", "x*", "test.stores:x*", "*:x", ":*", "test.stores:[xy]", "test.stores:?"} {
		is := is.New(t)
		var j journal
		m := managerOf([]*registry.Spec{j.requiring("a", pattern)})
		_, err := m.LoadAll(t.Context())
		is.True(errors.Is(err, registry.ErrInvalid))
		is.True(strings.Contains(err.Error(), "only namespace:* stands for several plugins"))
	}
}

// A name with a colon in it is looked up in the plugin's own namespace first.
func TestRequirementsWithColons(t *testing.T) {
	is := is.New(t)
	var j journal
	other := j.spec("default", nil)
	other.Namespace = "s3"
	s3 := registry.NewManager[service]("s3", registry.WithSpecs(other))
	own := j.spec("s3:default", nil)
	m := managerOf([]*registry.Spec{own, j.requiring("a", "s3:default"), j.requiring("b", ns+":s3:default")},
		registry.WithManagers(s3))
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(j.count("load s3:default"), 1)
	is.True(!s3.IsLoaded("default"))
	_, err = managerOf([]*registry.Spec{j.requiring("a", "s3:default")}, registry.WithManagers(s3)).LoadAll(t.Context())
	is.NoErr(err)
	is.True(s3.IsLoaded("default"))
}

func TestSoftOrder(t *testing.T) {
	var j journal
	after := func(name string, others ...string) *registry.Spec {
		s := j.spec(name, nil)
		s.After = others
		return s
	}
	before := func(name string, others ...string) *registry.Spec {
		s := j.spec(name, nil)
		s.Before = others
		return s
	}
	off := before("off", "z")
	off.ShouldLoad = func(*registry.Spec) bool { return false }
	bad := before("bad", "z")
	bad.New = func(*registry.Spec) (any, error) { return nil, errors.New("no disk") }
	first := after("first", "c")
	first.Priority = 10
	for name, test := range map[string]struct {
		specs []*registry.Spec
		want  []string
	}{
		"after": {[]*registry.Spec{after("a", "b"), j.spec("b", nil)}, []string{"b", "a"}},
		"before": {
			[]*registry.Spec{j.spec("a", nil), before("b", "a", ns+":a")},
			[]string{"b", "a"},
		},
		"what is not there": {
			[]*registry.Spec{after("a", "x", "other:y", "other:*"), before("b", "y")},
			[]string{"a", "b"},
		},
		"what is disabled or fails": {
			[]*registry.Spec{after("a", "off", "bad"), bad, off, j.spec("z", nil)},
			[]string{"a", "z"},
		},
		"a chain": {
			[]*registry.Spec{after("a", "b"), after("b", "c"), j.spec("c", nil)},
			[]string{"c", "b", "a"},
		},
		"everything": {
			[]*registry.Spec{after("a", ns+":*"), j.spec("b", nil), j.spec("c", nil)},
			[]string{"b", "c", "a"},
		},
		"rather than priority": {
			[]*registry.Spec{j.spec("c", nil), j.spec("d", nil), first},
			[]string{"c", "first", "d"},
		},
		"beside what is required": {[]*registry.Spec{
			j.requiring("a", "b"), after("b", "c"),
			j.spec("c", nil),
		}, []string{"c", "b", "a"}},
	} {
		for _, limit := range []int{1, 4} {
			t.Run(fmt.Sprint(name, limit), func(t *testing.T) {
				is := is.New(t)
				m := managerOf(test.specs, registry.WithConcurrency(limit))
				all, _ := m.LoadAll(t.Context())
				is.Equal(names(all), test.want)
				m = managerOf(test.specs)
				_, err := m.Load(t.Context(), test.want[len(test.want)-1])
				is.NoErr(err) // by itself
				some, err := m.LoadNamed(t.Context(), test.want[1], test.want[0])
				is.NoErr(err)
				is.Equal(len(some), 2)
			})
		}
	}
}

// Plugins that another comes after are loaded by namespace and name, however it mentions them.
func TestSoftOrderAcrossNamespaces(t *testing.T) {
	is := is.New(t)
	var j journal
	stored := j.spec("b", nil)
	stored.Namespace = "test.stores"
	a := j.requiring("a", "test.stores:b")
	a.After = []string{"y", "x"}
	m := managerOf([]*registry.Spec{a, j.spec("x", nil), j.spec("y", nil)}, registry.WithConcurrency(1),
		registry.WithManagers(registry.NewManager[service]("test.stores", registry.WithSpecs(stored))))
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(j.all(), []string{
		"new x", "load x", "new y", "load y", "new b", "load b", "new a", "load a",
	})
}

// A plugin is not tried before what it comes after is finished, whatever comes of that.
func TestSoftOrderInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		a, b := j.spec("a", nil), j.spec("b", func(p *plugin) {
			p.load = func(context.Context) error {
				time.Sleep(time.Second)
				j.add("failed b")
				return errors.New("no disk")
			}
		})
		a.After = []string{"b"}
		managerOf([]*registry.Spec{a, b}, registry.WithConcurrency(4)).LoadAll(t.Context())
		is.Equal(j.all(), []string{"new b", "load b", "failed b", "close b", "new a", "load a"})
	})
}

func TestSoftOrderInACycle(t *testing.T) {
	is := is.New(t)
	var j journal
	a, b, c, d := j.spec("a", nil), j.spec("b", nil), j.requiring("c", "d"), j.spec("d", nil)
	a.After, b.After, d.After = []string{"b"}, []string{"a"}, []string{"c"}
	m := managerOf([]*registry.Spec{a, b, c, d, j.spec("e", nil)})
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"e"})
	is.True(errors.Is(err, registry.ErrCycle))
	is.True(strings.Contains(err.Error(), "test.plugins:a → test.plugins:b → test.plugins:a"))
	is.True(strings.Contains(err.Error(), "test.plugins:c → test.plugins:d → test.plugins:c"))
	is.True(errors.Is(m.Validate(), registry.ErrCycle))
	_, err = m.Load(t.Context(), "c") // by itself, each can be loaded
	is.NoErr(err)
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
}
