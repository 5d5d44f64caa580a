package rules_test

import (
	"go/token"
	"go/types"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/rules"
)

func TestClashes(t *testing.T) {
	is := is.New(t)
	type plugin struct {
		label, build string
	}
	a, b, all, again := &plugin{"a", "linux"}, &plugin{"b", "windows"}, &plugin{"all", ""}, &plugin{"again", ""}
	claims := func(yield func(string, *plugin) bool) {
		for _, c := range []struct {
			id string
			p  *plugin
		}{{"n:x", a}, {"n:x", b}, {"n:x", all}, {"n:y", all}, {"n:y", all}, {"m:x", all}, {"n:x", again}} {
			if !yield(c.id, c.p) {
				return
			}
		}
	}
	clash := func(p, q *plugin) bool { return p != q && (p.build == "" || q.build == "" || p.build == q.build) }
	var got []string
	for _, c := range rules.Clashes(iter.Seq2[string, *plugin](claims), clash) {
		got = append(got, c.ID+" "+c.First.label+" "+c.Second.label)
	}
	is.Equal(got, []string{"n:x a all", "n:x a again"})
}

func TestLookup(t *testing.T) {
	is := is.New(t)
	var l rules.Lookup[string]
	l.Add("own", "app", "s3:default", "alias")
	l.Add("foreign", "s3", "default")
	l.Add("other", "s3", "other", "also:this")
	l.Add("again", "app", "app:x")
	l.Add("twice", "s3", "twice")
	l.Add("twice too", "s3", "twice")
	l.Add("net", "app", "net")
	l.Add("tcp", "app", "net/tcp")
	all := func(string) bool { return true }
	for _, test := range []struct {
		namespace, requirement string
		want                   []string
	}{
		{"app", "s3:default", []string{"own"}}, // the own namespace comes first
		{"b", "s3:default", []string{"foreign"}},
		{"s3", "s3:default", []string{"foreign"}},
		{"s3", "default", []string{"foreign"}},
		{"app", "default", nil}, // of another namespace
		{"app", "alias", []string{"own"}},
		{"b", "app:alias", []string{"own"}},
		{"app", "s3:also:this", []string{"other"}}, // the first colon ends the namespace
		{"b", "app:s3:default", []string{"own"}},
		{"app", "app:x", []string{"again"}},
		{"app", "app:app:x", []string{"again"}},
		{"b", "s3:twice", []string{"twice", "twice too"}},
		{"b", "s3:*", []string{"foreign", "other", "twice", "twice too"}},
		{"b", "none:*", nil},
		{"s3", "*", nil}, // a name, and there is none
		{"s3", ":*", nil},
		{"app", "net/one", []string{"net"}}, // an instance of a set
		{"app", "net/one/two", []string{"net"}},
		{"app", "net/tcp", []string{"tcp"}}, // a plugin
		{"app", "net/tcp/one", []string{"tcp"}},
		{"b", "app:net/tcp/one", []string{"tcp"}},
		{"app", "s3:twice/one", []string{"twice", "twice too"}},
		{"app", "net/tpc", nil}, // a misspelt one
		{"app", "nett/one", nil},
		{"app", "net/", nil},
		{"app", "/one", nil},
		{"b", "net/one", nil}, // of another namespace
	} {
		is.Equal(l.Find("me", test.namespace, test.requirement, all), test.want)
		is.Equal(l.Has(test.namespace, test.requirement), test.want != nil)
	}
	is.Equal(l.Find("foreign", "s3", "s3:*", all), []string{"other", "twice", "twice too"}) // not itself
	// Where the own one is not in the program, the other is meant.
	is.Equal(l.Find("me", "app", "s3:default", func(s string) bool { return s != "own" }), []string{"foreign"})
}

func TestNearestRequirement(t *testing.T) {
	is := is.New(t)
	var l rules.Lookup[int]
	is.Equal(l.Nearest("app", "anything"), "")
	l.Add(1, "app", "logging", "log:file")
	l.Add(2, "storage", "bucket")
	for requirement, want := range map[string]string{
		"loging":        "logging",
		"log:fil":       "log:file", // a name with a colon
		"app:loging":    "app:logging",
		"storage:buket": "storage:bucket",
		"storage:other": "", // the namespace makes none alike
		"storag:bucket": "storage:bucket",
		"bucket":        "",
		"something":     "",
		"storag:*":      "storage:*",
		"storage:*":     "",
		"other:*":       "",
	} {
		if got := l.Nearest("app", requirement); got != want {
			t.Errorf("%s: %q", requirement, got)
		}
	}
	l.Add(3, "app", "metrics")
	is.Equal(l.Nearest("app", "metrcs"), "metrics") // it was added after the first question
}

func TestCycles(t *testing.T) {
	is := is.New(t)
	edges := map[string][]string{"a": {"b", "d"}, "b": {"c"}, "c": {"b", "a"}, "d": {"d"}, "e": {"a"}}
	got := rules.Cycles([]string{"e", "a", "b", "c", "d"}, func(s string) []string { return edges[s] })
	is.Equal(got, [][]string{{"b", "c"}, {"a", "b", "c"}, {"d"}})
}

// Each component of nodes that reach each other has a cycle among those found, and each
// that is found is one.
func TestCyclesFindEachComponent(t *testing.T) {
	for range 20_000 {
		n := 1 + rand.IntN(6)
		edges := make([][]int, n)
		reach := make([][]bool, n)
		for i := range n {
			reach[i] = make([]bool, n)
			for j := range n {
				if rand.IntN(4) == 0 {
					edges[i], reach[i][j] = append(edges[i], j), true
				}
			}
		}
		for k := range n {
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		cycles := rules.Cycles(rand.Perm(n), func(i int) []int { return edges[i] })
		for _, c := range cycles {
			for i, node := range c {
				if !slices.Contains(edges[node], c[(i+1)%len(c)]) {
					t.Fatalf("%v: no cycle in %v", c, edges)
				}
			}
		}
		for i := range n {
			if reach[i][i] && !slices.ContainsFunc(cycles,
				func(c []int) bool { return reach[i][c[0]] && reach[c[0]][i] }) {
				t.Fatalf("no cycle like that of %d in %v", i, edges)
			}
		}
	}
}

func TestCyclesOfALongChain(t *testing.T) {
	is := is.New(t)
	const n = 200_000
	nodes := make([]int, n)
	for i := range nodes {
		nodes[i] = i
	}
	cycles := rules.Cycles(nodes, func(i int) []int { return []int{(i + 1) % n, 0} })
	is.Equal(len(cycles), 100) // and not all, each of which is long
}

// A plugin in an internal directory is nobody's if a host of its own module names it, and none
// may import it.
func TestUnreachable(t *testing.T) {
	is := is.New(t)
	plugin := rules.Plugin{Package: "m/lib/internal/p", Namespace: "n", Name: "p"}
	own := &rules.Host{Package: "m/cmd", Module: "m"}
	is.True(rules.Unreachable([]*rules.Host{own}, "m", plugin))
	is.True(!rules.Unreachable(nil, "m", plugin))
	foreign := &rules.Host{Package: "other/cmd", Module: "other", Packages: []rules.Pattern{"m/..."}}
	is.True(!rules.Unreachable([]*rules.Host{foreign}, "m", plugin)) // another module's host takes what it can
	is.True(rules.Unreachable([]*rules.Host{foreign, own}, "m", plugin))
	is.True(rules.Unreachable([]*rules.Host{own, foreign}, "m", plugin)) // in any order
	excludes := &rules.Host{Package: "m/cmd", Module: "m", Exclude: []rules.Selector{"m/lib/..."}}
	is.True(!rules.Unreachable([]*rules.Host{own, excludes}, "m", plugin))
	inside := &rules.Host{Package: "m/lib/cmd", Module: "m"}
	is.True(!rules.Unreachable([]*rules.Host{own, inside}, "m", plugin))
}

func TestCorrections(t *testing.T) {
	is := is.New(t)
	meant := rules.Corrections([]rules.Plugin{
		{Package: "example.com/app/one", Namespace: "app.services", Name: "one"},
		{Package: "example.com/app/two", Namespace: "app.services", Name: "two"},
	})
	for word, want := range map[rules.Selector]string{
		"one":                "app.services:one", // without its namespace
		"app.sevices":        "app.services",
		"app.services:tow":   "app.services:two",
		"example.com/app/on": "example.com/app/one",
		"other":              "",
		"example.com/other":  "",
	} {
		is.Equal(meant(word), want) // word
	}
}

func TestSnakeCase(t *testing.T) {
	is := is.New(t)
	for id, want := range map[string]string{
		"ConfigureLogging": "configure_logging", "ConfigureHTTPServer": "configure_http_server",
		"ID": "id", "userID": "user_id",
		"HTTP2Server": "http2_server", "already_snake": "already_snake",
		"Already_Snake": "already_snake", "X": "x", "_x": "_x",
		"ÄnderungÜber": "änderung_über", "世界": "世界",
		"ABTest": "ab_test", "S3": "s3", "s3Bucket": "s3_bucket", "": "",
	} {
		is.Equal(rules.SnakeCase(id), want)
	}
}

// A method whose name is a word of its own is not taken for a misspelt one of the lifecycle.
func TestMisspeltLifecycle(t *testing.T) {
	is := is.New(t)
	for method, want := range map[string]string{
		"Laod": rules.Load, "load": rules.Load, "Should_Load": rules.ShouldLoad, "ShouldLod": rules.ShouldLoad,
		"Closes": rules.Close, "Clone": "", "Closed": "", "Loads": "", "ShouldReload": "", "Open": "",
	} {
		is.Equal(rules.MisspeltLifecycle(method), want) // what the method was meant to be
	}
}

func TestSignatureOf(t *testing.T) {
	object := types.NewTypeName(token.NoPos, types.NewPackage("context", "context"), "Context", nil)
	context := types.NewNamed(object, types.NewInterfaceType(nil, nil), nil)
	fault := types.Universe.Lookup("error").Type()
	alias := func(t types.Type) types.Type {
		return types.NewAlias(types.NewTypeName(token.NoPos, nil, "Alias", nil), t)
	}
	param := types.NewTypeParam(types.NewTypeName(token.NoPos, nil, "A", nil), types.Universe.Lookup("any").Type())
	defined := types.NewNamed(types.NewTypeName(token.NoPos, nil, "Bool", nil), types.Typ[types.Bool], nil)
	for _, test := range []struct {
		t    types.Type
		want rules.Type
	}{
		{context, rules.ContextType},
		{alias(context), rules.ContextType},
		{types.NewPointer(context), rules.OtherType},
		{fault, rules.ErrorType},
		{alias(fault), rules.ErrorType},
		{types.NewSlice(fault), rules.OtherType},
		{types.Typ[types.Bool], rules.BoolType},
		{defined, rules.OtherType},
		{types.Typ[types.String], rules.OtherType},
		{types.Typ[types.Invalid], rules.Unknown},
		{param, rules.Unknown},
	} {
		vars := types.NewTuple(types.NewParam(token.NoPos, nil, "", test.t))
		t.Run(test.t.String(), func(t *testing.T) {
			got := rules.SignatureOf(types.NewSignatureType(nil, nil, nil, vars, vars, false))
			is.New(t).Equal(got, rules.Signature{
				Params: []rules.Type{test.want}, Results: []rules.Type{test.want},
			})
		})
	}
}

// Of a namespace that a module has contracts of, those of others do not count.
func TestGoverning(t *testing.T) {
	for _, test := range []struct{ contracts, want []string }{
		{nil, nil},
		{[]string{"own a.C"}, []string{"own a.C"}},
		{[]string{"other a.C"}, []string{"other a.C"}},
		{[]string{"other a.C", "own a.C"}, []string{"own a.C"}},
		{[]string{"own a.C", "other a.C", "own a.D"}, []string{"own a.C", "own a.D"}},
		{[]string{"other a.C", "other a.D"}, []string{"other a.C", "other a.D"}},
		{[]string{"other b.C", "own a.C", "other a.C"}, []string{"other b.C", "own a.C"}},
	} {
		got := rules.Governing(test.contracts, func(c string) string {
			return strings.Fields(c)[1][:1]
		}, func(c string) bool { return strings.HasPrefix(c, "own ") })
		is.New(t).Equal(got, test.want)
	}
}
