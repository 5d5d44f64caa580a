package rules_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/rules"
)

func TestPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"a/b", "a/b", true},
		{"a/b", "a/b/c", false},
		{"a/...", "a", true},
		{"a/...", "a/b/c", true},
		{"a/...", "ab", false},
		{"a...", "a", true},
		{"a...", "ab/c", true},
		{"...", "a/b", true},
		{".../b", "a/x/b", true},
		{".../b", "b", false},
		{"a/.../c", "a/c", false},
		{"a/.../c", "a/b/c", true},
		{"a/.../...", "a", false}, // only the last stands for nothing
		{"a/.../...", "a/b", true},
		{"a/.../...", "a/b/c", true},
		{"a...b...c", "axbxbxc", true},
		{"a...bc...bc", "abc", false}, // each part has text of its own
		{"a/...", "a/vendor/b", false},
		{"a/...", "a/vendor", true}, // that is no vendored package
		{"a/vendor/...", "a/vendor/b", true},
		{"a/vendor/...", "a/vendor", true},
		{"...vendor/...", "a/vendor/b", false},
		{"a.b/...", "axb/c", false},
		{"", "", true},
		{"a/...c/...", "a/bc", true},
		{"a/...c", "a/b", false},
		{"a/*", "a/b", false},
	} {
		if got := rules.Pattern(test.pattern).Match(test.path); got != test.want {
			t.Errorf("%q matches %q: %v", test.pattern, test.path, got)
		}
	}
}

// The go command makes a regular expression of a pattern (cmd/go/internal/pkgpattern).
func goCommandMatches(pattern, path string) bool {
	hide := func(s string) string {
		elems := strings.Split(s, "/")
		for i := range elems[:len(elems)-1] {
			if elems[i] == "vendor" {
				elems[i] = "\x00"
			}
		}
		return strings.Join(elems, "/")
	}
	re := hide(regexp.QuoteMeta(pattern))
	if below, ok := strings.CutSuffix(re, "/\x00"+`/\.\.\.`); ok {
		re = below + "(/vendor|/\x00" + `/\.\.\.)`
	} else if below, ok := strings.CutSuffix(re, `/\.\.\.`); ok {
		re = below + `(/\.\.\.)?`
	}
	re = strings.ReplaceAll(re, `\.\.\.`, "[^\x00]*")
	return regexp.MustCompile("^" + re + "$").MatchString(hide(path))
}

func TestPatternIsTheGoCommands(t *testing.T) {
	parts := []string{"a", "b", "a", "vendor", "...", "...", "/", "/", "/", "."}
	for range 30_000 {
		pattern, path := text(parts, 7), text([]string{"a", "b", "vendor", "/", "/"}, 7)
		if strings.HasPrefix(pattern, "vendor/...") {
			continue // there the go command demands a slash before vendor, which no import path has
		}
		if got, want := rules.Pattern(pattern).Match(path), goCommandMatches(pattern, path); got != want {
			t.Fatalf("%q matches %q: %v, to the go command %v", pattern, path, got, want)
		}
		if rules.Pattern(pattern).Match(path) && !rules.Pattern(pattern).MayMatchIn("a") &&
			rules.HasPathPrefix(path, "a") {
			t.Fatalf("%q matches %q, but not in module a", pattern, path)
		}
	}
}

// text returns up to n of the parts, in a row.
func text(parts []string, n int) string {
	var b strings.Builder
	for range rand.IntN(n + 1) {
		b.WriteString(parts[rand.IntN(len(parts))])
	}
	return b.String()
}

func TestMayMatchIn(t *testing.T) {
	for _, test := range []struct {
		pattern, module string
		want            bool
	}{
		{"example.com/a", "example.com/a", true},
		{"example.com/a/b", "example.com/a", true},
		{"example.com/ab", "example.com/a", false},
		{"example.com/...", "example.com/a", true},
		{"example.com/a/b/...", "example.com/a", true},
		{"example.com/b/...", "example.com/a", false},
		{"example.com/a...", "example.com/ab", true},
		{"...", "example.com/a", true},
	} {
		if got := rules.Pattern(test.pattern).MayMatchIn(test.module); got != test.want {
			t.Errorf("%q in %q: %v", test.pattern, test.module, got)
		}
	}
}

func TestCanImport(t *testing.T) {
	for _, test := range []struct {
		importer, imported string
		want               bool
	}{
		{"m/a", "m/b", true},
		{"m/a", "m/internal/b", true},
		{"m", "m/internal", true},
		{"other", "m/internal/b", false},
		{"m2", "m/internal/b", false}, // no part of the tree
		{"other", "m/internal", false},
		{"m/a", "m/a/internal", true},
		{"m/a/b/c", "m/a/internal/x", true},
		{"m/b", "m/a/internal/x", false},
		{"m", "m/internal/a/internal/b", false}, // the last one decides
		{"m/internal/a", "m/internal/a/internal/b", true},
		{"other", "m/internals/b", true},
		{"other", "m/myinternal/b", true},
		{"other", "internal/b", true}, // the go command finds no parent
		{"internal/c", "internal/b", true},
	} {
		if got := rules.CanImport(test.importer, test.imported); got != test.want {
			t.Errorf("%s can import %s: %v", test.importer, test.imported, got)
		}
	}
	is := is.New(t)
	is.Equal(rules.InternalTo("m/internal/a/internal/b"), "m/internal/a")
	is.Equal(rules.InternalTo("m/a"), "")
}

func TestMatchPackage(t *testing.T) {
	for _, test := range []struct {
		selector rules.Selector
		path     string
		want     bool
	}{
		{"m/old/...", "m/old", true},
		{"m/old/...", "m/old/a", true},
		{"m/old/...", "m/older", false},
		{"m/one", "m/one", true},
		{"...gen", "m/gen", true},
		{"old", "old", false}, // a namespace
		{"m/*", "m/a", false}, // a glob, for plugins
		{"*", "m/a", false},
	} {
		is.New(t).Equal(test.selector.MatchPackage(test.path), test.want)
	}
}

func TestHost(t *testing.T) {
	is := is.New(t)
	own := rules.Host{Package: "m/cmd", Module: "m"}
	is.True(own.Names("m/a"))
	is.True(own.Names("m"))
	is.True(!own.Names("m2"))
	unknown := rules.Host{Package: "m/cmd"}
	is.True(unknown.Names("other")) // in doubt
	some := rules.Host{Package: "m/cmd", Module: "m", Packages: []rules.Pattern{"x/...", "y"}}
	is.True(some.Names("x/a"))
	is.True(some.Names("y"))
	is.True(some.Names("m/cmd")) // its own
	is.True(!some.Names("m/a"))
	all := rules.Host{Package: "m/cmd", Module: "m", Packages: []rules.Pattern{"all"}}
	is.True(all.Names("x/a"))
	is.True(own.Selects(rules.Plugin{Package: "m/a", Namespace: "n", Name: "a"}))

	globs := rules.Host{
		Namespaces: []rules.Selector{"n.*", "x:a*"},
		Exclude:    []rules.Selector{"n.old", "*:bad", "n.new:path/*", "m/old/...", "m/one", "...gen"},
	}
	for _, test := range []struct {
		plugin rules.Plugin
		want   bool
	}{
		{rules.Plugin{"m/a", "n.new", "a"}, true},
		{rules.Plugin{"m/a", "x", "ab"}, true},
		{rules.Plugin{"m/a", "x", "a/b"}, true}, // a slash in a name is nothing special
		{rules.Plugin{"m/a", "x", "b"}, false},
		{rules.Plugin{"m/a", "n.old", "a"}, false},
		{rules.Plugin{"m/a", "n.new", "bad"}, false},
		{rules.Plugin{"m/a", "n.new", "path/to/a"}, false},
		{rules.Plugin{"m/a", "other", "a"}, false},
		{rules.Plugin{"m/old", "n.new", "a"}, false}, // by its package
		{rules.Plugin{"m/old/b", "n.new", "a"}, false},
		{rules.Plugin{"m/one", "n.new", "a"}, false},
		{rules.Plugin{"m/one/b", "n.new", "a"}, true},
		{rules.Plugin{"m/xgen", "n.new", "a"}, false},
	} {
		if got := globs.Selects(test.plugin); got != test.want {
			t.Errorf("%v: %v", test.plugin, got)
		}
	}
	is.NoErr(rules.Selector("a/b").Check())
	is.True(rules.Selector("a[").Check() != nil)
	is.True(rules.Selector("a/[b").Check() != nil)                             // a glob, in spite of its slash
	is.True(rules.Selector("n[!.]a/b").Match(rules.Plugin{"m/p", "n", "a/b"})) // [!.] matches the colon
}
