package registry_test

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/generated"
)

func table(specs ...*registry.Spec) *generated.Links[registry.Spec] {
	slices.SortFunc(specs, func(a, b *registry.Spec) int { return strings.Compare(a.Name, b.Name) })
	return tableOf(ns, specs...)
}

// tableOf returns what a host links that has one table, which is sorted already.
func tableOf(namespace string, specs ...*registry.Spec) *generated.Links[registry.Spec] {
	return &generated.Links[registry.Spec]{
		Host:   "example.com/app",
		Tables: []generated.Table[registry.Spec]{{Namespace: namespace, Specs: specs}},
	}
}

func on(r *registry.Registry, opts ...registry.Option) *registry.Manager[service] {
	return registry.NewManager[service](ns, append(opts, registry.WithFinder(r))...)
}

// A host has a file, and so a table, for each build constraint.
func TestSeveralTables(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	one, two := table(j.spec("b", nil), j.spec("d", nil)), table(j.spec("a", nil), j.spec("c", nil))
	r.Link(one)
	r.Link(two)
	r.Link(one) // no effect
	r.Link(nil)
	is.NoErr(r.Add(j.spec("bb", nil)))
	m := on(r)
	is.True(m.Exists("d"))
	is.True(!m.Exists("dd"))
	_, err := m.Load(t.Context(), "c")
	is.NoErr(err)
	is.Equal(m.Names(), []string{"a", "b", "bb", "c", "d"})
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b", "bb", "c", "d"})
	is.Equal(j.count("new c"), 1)

	other := new(registry.Registry) // links can be in several registries
	other.Link(one)
	other.Link(one)
	is.Equal(on(other).Names(), []string{"b", "d"})
	is.Equal(on(r).Names(), []string{"a", "b", "bb", "c", "d"})
}

func TestDuplicateAcrossTables(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	r.Link(table(j.spec("a", nil), j.spec("b", nil)))
	r.Link(table(j.spec("b", nil), j.spec("c", nil)))
	m := on(r)
	_, err := m.Load(t.Context(), "b")
	is.True(errors.Is(err, registry.ErrDuplicate))
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"a", "c"})
	is.True(errors.Is(err, registry.ErrDuplicate))
}

// The same spec linked by two files is one plugin.
func TestOneSpecInTwoTables(t *testing.T) {
	is := is.New(t)
	s := new(journal).spec("a", nil)
	r := new(registry.Registry)
	r.Link(table(s))
	r.Link(table(s))
	_, err := on(r).Load(t.Context(), "a")
	is.NoErr(err)
	is.Equal(on(r).Names(), []string{"a"})
}

// A table that someone has edited is slow, not wrong.
func TestUnsortedTable(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	specs := []*registry.Spec{j.spec("c", nil), nil, j.spec("a", nil), j.spec("b", nil)}
	r.Link(tableOf(ns, specs...))
	m := on(r)
	for _, name := range []string{"a", "b", "c"} {
		is.True(m.Exists(name))
		_, err := m.Load(t.Context(), name)
		is.NoErr(err)
	}
	_, err := m.LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrInvalid))
}

func TestLinkedAliases(t *testing.T) {
	is := is.New(t)
	var j journal
	a, c := j.spec("a", nil), j.spec("c", nil)
	a.Aliases, c.Aliases = []string{"old"}, []string{"b"}
	r := new(registry.Registry)
	r.Link(table(a, j.spec("b", nil), c))
	m := on(r)
	p, err := m.Load(t.Context(), "old")
	is.NoErr(err)
	is.Equal(p.(*plugin).name, "a")
	_, err = m.Load(t.Context(), "c")
	is.True(errors.Is(err, registry.ErrDuplicate))
	_, err = m.Load(t.Context(), "b") // in linked tables a name comes before an alias
	is.NoErr(err)
}

func TestAdd(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	aliased := j.spec("b", nil)
	aliased.Aliases = []string{"bee"}
	is.NoErr(r.Add(j.spec("a", nil), aliased))
	err := r.Add(j.spec("c", nil), j.spec("a", nil), j.spec("bee", nil), nil,
		&registry.Spec{Namespace: ns, Name: "d"}, j.spec("x,y", nil), aliased)
	is.True(errors.Is(err, registry.ErrDuplicate))
	is.True(errors.Is(err, registry.ErrInvalid))
	is.Equal(strings.Count(err.Error(), "\n"), 4) // five of them, aliased itself is no duplicate
	m := on(r)
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b", "c"}) // what could be added was
	is.NoErr(r.Add(j.spec("e", nil)))             // later is not too late
	is.True(m.Exists("e"))
	is.NoErr(r.Add(j.spec("google cloud storage", nil)))
	all, err = m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b", "c", "e", "google cloud storage"})
	is.Equal(r.Namespaces(), []string{ns})

	// What is linked claims its name too, and may claim one that was added before.
	linked := j.spec("bee", nil)
	r.Link(table(linked))
	is.True(errors.Is(r.Add(linked), registry.ErrDuplicate))
	r.Remove(aliased, nil, linked)
	is.True(errors.Is(r.Add(aliased), registry.ErrDuplicate))
	is.NoErr(r.Add(linked))
	is.NoErr(r.Add(j.spec("b", nil))) // which aliased no longer claims
}

// Plugins of a linked table that were loaded by their names, without a list of all
// being made, are unloaded and closed like others.
func TestLinkedPluginsLoadedByName(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	r.Link(table(j.requiring("a", "b"), j.spec("b", nil), j.spec("c", nil)))
	m := on(r)
	load := func(name string) {
		_, err := m.Load(t.Context(), name)
		is.NoErr(err)
	}
	load("a")
	load("c")
	is.NoErr(m.Unload(t.Context(), "b")) // with the one that requires it
	load("b")
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.all(), []string{
		"new b", "load b", "new a", "load a", "new c", "load c", "close a", "close b",
		"new b", "load b", "close b", "close c",
	})
}

func TestVariables(t *testing.T) {
	is := is.New(t)
	var j journal
	variable := j.spec("a", nil)
	variable.Aliases, variable.Priority = []string{"old"}, 7
	moved := j.spec("moved", nil)
	entry := func(name string, v *registry.Spec) *registry.Spec {
		return &registry.Spec{Namespace: ns, Name: name, Package: "example.com/app", Symbol: "spec", Var: v}
	}
	r := new(registry.Registry)
	r.Link(table(entry("a", variable), entry("b", moved), entry("c", entry("c", variable)),
		entry("d", &registry.Spec{Namespace: ns, Name: "d"})))
	m := on(r)
	p, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	is.Equal(p.(*plugin).name, "a")
	again, err := m.Load(t.Context(), "old")
	is.NoErr(err)
	is.Equal(p, again)
	i, err := m.Info("a")
	is.NoErr(err)
	is.Equal(i.Spec.Priority, 7)
	is.Equal(i.Origin().Symbol, "spec")
	for name, want := range map[string]string{
		"b": "is the spec of test.plugins:moved now, not of test.plugins:b: run plugingen again",
		"c": "has Var set",
		"d": "has no factory",
	} {
		_, err = m.Load(t.Context(), name)
		is.True(errors.Is(err, registry.ErrInvalid))
		is.True(strings.Contains(err.Error(), want))
	}
}

func TestNotLinked(t *testing.T) {
	is := is.New(t)
	m := registry.NewManager[service]("test.nothing")
	_, err := m.LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrNotLinked))
	for _, hint := range []string{"//plugin:link", "(or: go tool plugingen ", "registry.Default.Add", "registry.WithSpecs"} {
		is.True(strings.Contains(err.Error(), hint))
	}
	_, err = m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrNotLinked))
	is.True(errors.Is(m.Validate(), registry.ErrNotLinked))

	s := new(journal).spec("a", nil)
	s.Namespace = "test.something"
	is.NoErr(registry.Default.Add(s))
	defer registry.Default.Remove(s)
	_, err = registry.NewManager[service]("test.somethin").LoadAll(t.Context())
	is.True(strings.Contains(err.Error(), "(did you mean test.something?); there are plugins of "))
	is.True(strings.Contains(err.Error(), "plugingen list ./..."))
	is.True(!strings.Contains(err.Error(), "put the comment")) // something is linked

	// Who says where specs come from may have none.
	all, err := managerOf(nil).LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(len(all), 0)
	all, err = on(new(registry.Registry)).LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(len(all), 0)
}

func TestOrigin(t *testing.T) {
	is := is.New(t)
	s := &registry.Spec{Package: "github.com/plugingen/plugingen/registry_test", Symbol: "configure", At: configure}
	o := s.Origin()
	is.Equal(o.Package, s.Package)
	is.True(strings.HasSuffix(o.File, "contract_test.go"))
	is.True(o.Line > 0)
	is.True(strings.Contains(o.Position(), "contract_test.go:"))
	method := &registry.Spec{At: (*myCLI).Attach}
	is.True(strings.HasSuffix(method.Origin().File, "manager_test.go"))
	is.Equal((&registry.Spec{At: 7}).Origin(), registry.Origin{})
	is.Equal((*registry.Spec)(nil).Origin(), registry.Origin{})
	dep := &registry.Spec{Package: "github.com/matryer/is"}
	is.Equal(dep.Origin().Package, "github.com/matryer/is")
}

// The module of a package is the one with the longest path, with the version that is built.
func TestOriginModule(t *testing.T) {
	is := is.New(t)
	fork := &debug.Module{Path: "example.com/fork", Version: "v1.2.3"}
	modules := []debug.Module{
		{Path: "example.com/a", Version: "v1.0.0"},
		{Path: "example.com/a/b", Version: "v1.1.0"},
		{Path: "example.com/c", Version: "v1.0.0", Replace: fork},
		{Path: "example.com/d", Version: "v1.0.0", Replace: &debug.Module{Path: "../d"}},
	}
	for pkg, want := range map[string]string{
		"example.com/a":   "example.com/a v1.0.0",
		"example.com/a/x": "example.com/a v1.0.0",
		"example.com/a/b": "example.com/a/b v1.1.0",
		"example.com/ab":  " ",
		"example.com/c/x": "example.com/c v1.2.3",
		"example.com/d":   "example.com/d v1.0.0",
	} {
		path, version := registry.ModuleOf(pkg, modules...)
		is.Equal(path+" "+version, want)
	}
}

func TestAddWhilePluginsLoad(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	later := j.spec("b", nil)
	is.NoErr(r.Add(j.spec("a", func(p *plugin) {
		p.load = func(context.Context) error { return r.Add(later) }
	})))
	m := registry.NewManager[service](ns, registry.WithFinder(r))
	plugins, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(plugins), []string{"a"}) // what was there when it began
	plugins, err = m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(plugins), []string{"a", "b"})
	is.NoErr(r.Add(later)) // again
	for range m.Plugins() {
		is.NoErr(r.Add(later))
	}
}

func TestSpecInPlaceOfAnother(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	old, instead := j.spec("a", nil), j.spec("a", nil)
	is.NoErr(r.Add(old))
	early := registry.NewManager[service](ns, registry.WithFinder(r))
	is.True(early.Exists("a"))
	r.Remove(old, nil, j.spec("a", nil)) // the last has never been there
	is.NoErr(r.Add(instead))
	late := registry.NewManager[service](ns, registry.WithFinder(r))
	is.Equal(early.Specs(), []*registry.Spec{old})
	is.Equal(late.Specs(), []*registry.Spec{instead})
}

func TestFilterLeavesLoadedPlugins(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	is.NoErr(r.Add(j.spec("a", nil)))
	m := registry.NewManager[service](ns, registry.WithFinder(r))
	_, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	defer r.Filter(registry.Exclude(registry.Pattern{}))()
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
	is.NoErr(m.Unload(t.Context(), "a"))
	_, err = m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrDisabled))
}
