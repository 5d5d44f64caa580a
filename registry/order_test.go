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

func TestRequirementsInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		slow := func(p *plugin) {
			p.load = func(context.Context) error {
				time.Sleep(time.Second)
				return nil
			}
		}
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

func TestMissingRequirement(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.requiring("a", "bb"), j.spec("b", nil), j.requiring("c", "a"), j.requiring("d", "other.ns:x")})
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"b"})
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(), `requires "bb": no plugin named bb in namespace test.plugins; did you mean b?`))
	is.True(strings.Contains(err.Error(), `plugin test.plugins:c: resolve: requires test.plugins:a, which requires "bb": no plugin named bb`))
	is.True(strings.Contains(err.Error(), `there is no manager of namespace "other.ns"`))
	_, err = m.Load(t.Context(), "c")
	is.True(errors.Is(err, registry.ErrNotFound))
}

func TestRequirementCycle(t *testing.T) {
	is := is.New(t)
	var j journal
	specs := []*registry.Spec{j.requiring("a", "b"), j.requiring("b", "c"), j.requiring("c", "a"), j.requiring("d", "a"), j.spec("e", nil), j.requiring("f", "f")}
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
	m := managerOf([]*registry.Spec{j.requiring("a", "test.stores:s3:db"), j.requiring("b", "test.plugins:a")}, registry.WithManagers(stores))
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b"})
	is.True(stores.IsLoaded("s3:db"))
	is.NoErr(m.Close(t.Context()))
	is.True(stores.IsLoaded("s3:db")) // closed by its own manager
	is.NoErr(stores.Close(t.Context()))
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
