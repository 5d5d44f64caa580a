package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer/driver"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/reference"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/rules/rulestest"
	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A module is source for generator and checker to read.
type module struct {
	dir     string
	files   map[string]string
	checked map[string][]string // what the checker reports, by import path; see said
}

func newModule(t *testing.T) *module {
	t.Helper()
	is := is.New(t)
	root, err := filepath.Abs("../..")
	is.NoErr(err)
	return &module{dir: t.TempDir(), checked: map[string][]string{}, files: map[string]string{
		"go.mod": fmt.Sprintf("module example.com/cases\n\ngo 1.26.0\n\nrequire "+
			"github.com/plugingen/plugingen v0.0.0\n\nreplace github.com/plugingen/plugingen => %s\n", root),
		"main.go": "package main\n\n//plugin:link\n\nfunc main() {}\n",
	}}
}

// plugin adds a plugin that is a function, in a package of its own.
func (m *module) plugin(p rulestest.Plugin, keys string) {
	space, name, _ := strings.Cut(p.ID, ":")
	text := fmt.Sprintf("//plugin:namespace=%s name=%s%s", space, name, keys)
	if len(p.Aliases) > 0 {
		text += " aliases=" + strings.Join(p.Aliases, ",")
	}
	if p.Build != "" {
		text = "//go:build " + p.Build + "\n\npackage p\n\n" + text
	} else {
		text = "package p\n\n" + text
	}
	m.files[fmt.Sprintf("p%d/p.go", len(m.files))] = text + "\nfunc P() {}\n"
}

// said returns what generator and checker report of the module.
func (m *module) said(t *testing.T) (generator, checker []string) {
	t.Helper()
	is := is.New(t)
	for name, text := range m.files {
		name = filepath.Join(m.dir, name)
		is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
		is.NoErr(os.WriteFile(name, []byte(text), 0o666))
	}
	plan, err := gen.Make(m.dir, []string{"./..."})
	is.NoErr(err)
	for _, d := range plan.Diagnostics {
		generator = append(generator, d.Message)
	}
	check := driver.Config{Dir: m.dir, Env: append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOOS=linux")}
	report, err := check.Check("./...")
	is.NoErr(err)
	is.Equal(report.Errors, nil)
	for _, f := range report.Findings {
		checker = append(checker, f.Message)
		m.checked[f.Package] = append(m.checked[f.Package], f.Message)
	}
	return generator, checker
}

// find returns what the parenthesized parts of the expression match in messages, sorted.
func find(expr string, messages []string) []string {
	found := map[string]bool{}
	for _, message := range messages {
		for _, m := range regexp.MustCompile(expr).FindAllStringSubmatch(message, -1) {
			found[strings.Join(m[1:], "")] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// in returns a plugin's ID, name or alias as the case of that number has it: all cases of
// a rule are in one module, since to load that takes long, and apart by their namespaces.
func in(number int, text string) string {
	space, name, ok := strings.Cut(text, ":")
	if !ok {
		return text
	}
	return fmt.Sprintf("c%d.%s:%s", number, space, in(number, name)) // a name may look like an ID
}

func pluginIn(number int, p rulestest.Plugin) rulestest.Plugin {
	p.ID, p.Aliases = in(number, p.ID), slices.Clone(p.Aliases)
	for i, alias := range p.Aliases {
		p.Aliases[i] = in(number, alias)
	}
	return p
}

// noted returns a spec that appends the ID of its plugin to made.
func noted(p rulestest.Plugin, made *[]string) *registry.Spec {
	space, name, _ := strings.Cut(p.ID, ":")
	return &registry.Spec{Namespace: space, Name: name, Aliases: p.Aliases, New: func(*registry.Spec) (any, error) {
		*made = append(*made, p.ID)
		return p.ID, nil
	}}
}

func TestRequirementsAgree(t *testing.T) {
	m := newModule(t)
	cases := rulestest.Requirements()
	for i, test := range cases {
		m.plugin(rulestest.Plugin{ID: in(i, "app:user")}, " requires="+in(i, test.Requires))
		for _, other := range test.Others {
			m.plugin(pluginIn(i, other), " requires="+in(i, "app:user")) // a cycle shows what is meant
		}
	}
	generator, checker := m.said(t)
	for i, test := range cases {
		t.Run(test.Requires, func(t *testing.T) {
			is := is.New(t)
			var want, missing []string
			for _, id := range test.Means {
				want = append(want, in(i, id))
			}
			if len(want) == 0 {
				missing = []string{in(i, test.Requires)}
			}
			user := regexp.QuoteMeta(in(i, "app:user"))
			cycle := `each other: (?:` + user + ` → (\S+) → |(\S+) → ` + user + ` →)`
			is.Equal(find(cycle, generator), want)
			is.Equal(find(`plugin `+user+
				` .*?requires (\S+), (?:which the host does not link|but the host links no plugin)`, generator),
				missing)
			is.Equal(find(cycle, checker), want)
			is.Equal(find(`plugin `+user+`: it requires (\S+), (?:which does not exist|but there is no plugin)`,
				checker), missing)
			made, err := required(t.Context(), test)
			is.Equal(made, test.Means)
			is.Equal(err != nil, len(want) == 0)
		})
	}
}

// required returns the plugins that the run time makes for app:user.
func required(ctx context.Context, test rulestest.Requirement) (made []string, err error) {
	user := noted(rulestest.Plugin{ID: "app:user"}, new([]string))
	user.Requires = []string{test.Requires}
	specs := map[string][]*registry.Spec{"app": {user}}
	for _, p := range test.Others {
		s := noted(p, &made)
		specs[s.Namespace] = append(specs[s.Namespace], s)
	}
	var others []registry.AnyManager
	for namespace, list := range specs {
		if namespace != "app" {
			others = append(others, registry.NewManager[any](namespace, registry.WithSpecs(list...)))
		}
	}
	_, err = registry.NewManager[any]("app", registry.WithSpecs(specs["app"]...),
		registry.WithManagers(others...)).Load(ctx, "user")
	slices.Sort(made)
	return made, err
}

func TestOrdersAgree(t *testing.T) {
	m := newModule(t)
	cases := rulestest.Orders()
	for i, test := range cases {
		for _, p := range test.Plugins {
			keys := ""
			for key, names := range map[string][]string{"after": p.After, "before": p.Before, "requires": p.Requires} {
				if len(names) > 0 {
					keys += " " + key + "="
					for j, name := range names {
						keys += strings.Repeat(",", min(j, 1)) + in(i, name)
					}
				}
			}
			m.plugin(pluginIn(i, rulestest.Plugin{ID: "app:" + p.Name, Aliases: p.Aliases}),
				fmt.Sprintf("%s priority=%d", keys, p.Priority))
		}
	}
	generator, _ := m.said(t)
	for i, test := range cases {
		t.Run(fmt.Sprint(test.Plugins), func(t *testing.T) {
			is := is.New(t)
			var cyclic []string
			for _, text := range generator {
				if cycle, ok := strings.CutPrefix(text, "these plugins can't be put into an order: "); ok {
					cycle, _, _ = strings.Cut(cycle, "; ")
					cyclic = append(cyclic, find(fmt.Sprintf(`\bc%d\.app:(\w+)`, i), []string{cycle})...)
				}
			}
			is.Equal(cyclic, test.Cycle)
			loaded, refused := ordered(t, test)
			is.Equal(loaded, test.Want)
			is.Equal(refused, test.Cycle)
		})
	}
}

// ordered returns the plugins that LoadAll loads, in order, and those that it refuses because of a
// cycle, sorted. Where nothing but the priority decides, Forward has the same order.
func ordered(t *testing.T, test rulestest.Order) (loaded, refused []string) {
	t.Helper()
	is := is.New(t)
	namespace := "app"
	var specs []*registry.Spec
	byPriority := true
	for _, p := range test.Plugins {
		specs = append(specs, &registry.Spec{
			Namespace: namespace, Name: p.Name, Aliases: p.Aliases, Priority: p.Priority,
			After: p.After, Before: p.Before, Requires: p.Requires,
			New: func(s *registry.Spec) (any, error) { return s.Name, nil },
		})
		byPriority = byPriority && len(p.After)+len(p.Before)+len(p.Requires) == 0
	}
	manager := registry.NewManager[string](namespace, registry.WithSpecs(specs...))
	loaded, err := manager.LoadAll(t.Context())
	for p := range manager.Plugins() {
		if p.State == registry.StateFailed {
			is.True(errors.Is(p.Err, registry.ErrCycle))
			refused = append(refused, p.Spec.Name)
		}
	}
	is.Equal(err != nil, len(refused) > 0)
	if byPriority {
		is.NoErr(registry.Default.Add(specs...))
		defer registry.Default.Remove(specs...)
		var forwarded []string
		registry.Forward(namespace, func(_, plugin string) { forwarded = append(forwarded, plugin) })
		is.Equal(forwarded, loaded)
	}
	if len(loaded) == 0 {
		loaded = nil
	}
	return loaded, refused
}

func TestClashesAgree(t *testing.T) {
	m := newModule(t)
	cases := rulestest.Clashes()
	for i, test := range cases {
		for _, p := range test.Plugins {
			m.plugin(pluginIn(i, p), "")
		}
	}
	generator, checker := m.said(t)
	for i, test := range cases {
		t.Run(fmt.Sprint(test.Plugins), func(t *testing.T) {
			is := is.New(t)
			var want []string
			for _, id := range test.IDs {
				want = append(want, in(i, id))
			}
			is.Equal(find(fmt.Sprintf(`links two plugins called (c%d\.\S+):`, i), generator), want)
			is.Equal(find(fmt.Sprintf(`plugin (c%d\.\S+) is declared (?:already|twice)`, i), checker), want)
			is.Equal(claimedTwice(t.Context(), test), test.IDs)
		})
	}
}

// claimedTwice returns the IDs that the run time does not load since they are ambiguous.
func claimedTwice(ctx context.Context, test rulestest.Clash) (ids []string) {
	specs := map[string][]*registry.Spec{}
	for _, p := range test.Plugins {
		if p.Build == "" {
			s := noted(p, new([]string))
			specs[s.Namespace] = append(specs[s.Namespace], s)
		}
	}
	found := map[string]bool{}
	for namespace, list := range specs {
		m := registry.NewManager[any](namespace, registry.WithSpecs(list...))
		for _, s := range list {
			for _, name := range append([]string{s.Name}, s.Aliases...) {
				if _, err := m.Load(ctx, name); errors.Is(err, registry.ErrDuplicate) {
					claimed := find(`the name "?([^\s"]+)"? is claimed by`, []string{err.Error()})
					found[namespace+":"+strings.Join(claimed, "")] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestCorrectionsAgree(t *testing.T) {
	m := newModule(t)
	cases := rulestest.Misspellings()
	loads := ""
	for i, test := range cases {
		m.plugin(rulestest.Plugin{ID: in(i, "app:requirer")}, " requires="+test.Word)
		for j, name := range test.Known {
			p := rulestest.Plugin{ID: in(i, "app:"+name)}
			if j == 0 {
				p.Aliases = test.Aliases
			}
			m.plugin(p, "")
		}
		loads += fmt.Sprintf("\tregistry.NewManager[func()](%q).Load(ctx, %q)\n", fmt.Sprintf("c%d.app", i), test.Word)
	}
	using := "import (\n\t\"context\"\n\n\t\"github.com/plugingen/plugingen/registry\"\n)\n\n" +
		"func Use(ctx context.Context) {\n" + loads + "}\n"
	m.files["use.go"] = "package main\n\n" + using
	m.files["lib/use.go"] = "package lib\n\n" + using
	generator, checker := m.said(t)
	for i, test := range cases {
		t.Run(test.Word, func(t *testing.T) {
			is := is.New(t)
			requires := regexp.QuoteMeta(in(i, "app:requirer")) + `:?(?: it)? requires ` +
				regexp.QuoteMeta(test.Word) + `, which [\w ]+(?: \(did you mean "(\S+)"\?\))?$`
			is.Equal(find(requires, generator), []string{test.Want})
			is.Equal(find(requires, checker), []string{test.Want})

			loads := "^there is no plugin " + regexp.QuoteMeta(in(i, "app:"+test.Word)) + `(?:;.*| \(did you mean "(\S+)"\?\))$`
			is.Equal(find(loads, m.checked["example.com/cases"]), []string{test.Want}) // the host's
			if test.Doubtful || test.Want == "" {
				is.Equal(find(loads, m.checked["example.com/cases/lib"]), nil)
			} else {
				is.Equal(find(loads, m.checked["example.com/cases/lib"]), []string{test.Want})
			}
			is.Equal(rules.Nearest(test.Word, slices.Concat(test.Known, test.Aliases)), test.Want)
			is.Equal(suggested(t.Context(), test.Word, test.Known, test.Aliases...), test.Want)
		})
	}
	for range 500 {
		word, known := text([]string{"a", "b", "A", "1"}, 9), []string{"other"}
		for range 4 {
			if name := text([]string{"a", "b", "A", "1"}, 9); name != "" && name != word &&
				!slices.Contains(known, name) {
				known = append(known, name)
			}
		}
		if one, two := rules.Nearest(word, known), suggested(t.Context(), word, known); word != "" && one != two {
			t.Fatalf("nearest to %q of %q: %q, at run time %q", word, known, one, two)
		}
	}
}

// suggested returns the name that the run time suggests for one that no plugin has.
func suggested(ctx context.Context, word string, known []string, aliasesOfFirst ...string) string {
	var specs []*registry.Spec
	for _, name := range known {
		specs = append(specs, noted(rulestest.Plugin{ID: "app:" + name}, new([]string)))
	}
	specs[0].Aliases = aliasesOfFirst
	_, err := registry.NewManager[any]("app", registry.WithSpecs(specs...)).Load(ctx, word)
	return strings.Join(find(`did you mean (\S+)\?`, []string{err.Error()}), "")
}

func TestMethodsAgree(t *testing.T) {
	m := newModule(t)
	src, err := os.ReadFile("rulestest/lifecycle.go")
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for _, test := range rulestest.Methods() {
		name := reflect.TypeOf(test.Plugin).Name()
		declared := regexp.MustCompile(`(?m)^\t` + name + ` +struct`)
		if !declared.MatchString(text) {
			t.Fatalf("%s is not declared", name)
		}
		text = declared.ReplaceAllString(text, "\t//plugin:namespace=life name="+name+"\n$0")
	}
	m.files["life/life.go"] = text
	generator, checker := m.said(t)
	rejected := find(`the manager calls \w+ of the plugin life:(\w+), but it has another signature`, generator)
	blamed := find(`plugin life:(\w+): a manager calls a method \w+, but this one has another signature`, checker)
	for _, test := range rulestest.Methods() {
		name := reflect.TypeOf(test.Plugin).Name()
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			wrong := test.Signature == ""
			is.Equal(slices.Contains(rejected, name), wrong && !test.Hidden) // generator
			is.Equal(slices.Contains(blamed, name), wrong)                   // checker
			err := load(t.Context(), test)
			is.Equal(errors.Is(err, registry.ErrContract), wrong) // run time
			is.True(wrong || err == nil)
		})
	}
}

// load loads the plugin of a case by a manager that suits it.
func load(ctx context.Context, test rulestest.Method) error {
	specs := registry.WithSpecs(&registry.Spec{
		Namespace: "life", Name: "p",
		New: func(*registry.Spec) (any, error) { return test.Plugin, nil },
	})
	if test.Signature == rules.LoadArgument.String() {
		_, err := registry.For[registry.Plugin[int]]("life", specs).With(1).Load(ctx, "p")
		return err
	}
	m := registry.NewManager[any]("life", specs)
	_, err := m.Load(ctx, "p")
	return errors.Join(err, m.Close(ctx))
}

// A plugin that is its own options has a Reload of one signature, or of none that its manager
// calls.
func TestReloadsAgree(t *testing.T) {
	m := newModule(t)
	src, err := os.ReadFile("rulestest/reload.go")
	if err != nil {
		t.Fatal(err)
	}
	m.files["reload/reload.go"] = regexp.MustCompile(`(?m)^\t(Reload\w+) +struct\{ X int \}`).
		ReplaceAllString(string(src), "\t//plugin:namespace=reload name=$1\n\t$1 struct { X int `plugin:\"option\"` }") +
		"\ntype (\n\tAliasContext = context.Context\n\tAliasError = error\n" +
		"\tOwnContext interface{ context.Context }\n\tOwnError interface{ error }\n)\n"
	generator, checker := m.said(t)
	const another = `^Reload is called with changed options of (\w+), but it has another signature`
	refused, blamed := find(another, generator), find(another, checker)
	for _, test := range rulestest.Reloads() {
		t.Run(test.Name, func(t *testing.T) {
			is := is.New(t)
			wrong := !test.Called && !test.Hidden
			is.Equal(slices.Contains(refused, test.Name), wrong) // generator
			is.Equal(slices.Contains(blamed, test.Name), wrong)  // checker
			is.Equal(test.Give(t.Context()) == nil, test.Called) // run time
		})
	}
	is.New(t).Equal(len(refused), len(blamed))
}

// A plugin whose type may have more methods than its factory shows is only wrong if generated
// code asserts that it satisfies the contract.
func TestContractsAgree(t *testing.T) {
	m := newModule(t)
	constrained := func(build, text string) string {
		if build == "" {
			return text
		}
		return "//go:build " + build + "\n\n" + text
	}
	cases := rulestest.Contracts()
	for i, test := range cases {
		contract := fmt.Sprintf("//plugin:namespace=c%d\ntype Contract interface{ Do() }\n", i)
		if test.Importers == nil {
			m.files[fmt.Sprintf("p%d/api.go", i)] = constrained(test.Declared, "package p\n\n"+contract)
		} else {
			m.files[fmt.Sprintf("api%d/api.go", i)] = constrained(test.Declared, "package api\n\n"+contract)
			m.files[fmt.Sprintf("api%d/doc.go", i)] = "package api\n" // in every build
		}
		for j, build := range test.Importers {
			m.files[fmt.Sprintf("p%d/import%d.go", i, j)] = constrained(build,
				fmt.Sprintf("package p\n\nimport _ \"example.com/cases/api%d\"\n", i))
		}
		m.files[fmt.Sprintf("p%d/p.go", i)] = constrained(test.Plugin, fmt.Sprintf(
			"package p\n\nimport \"io\"\n\n//plugin:namespace=c%d name=p factory\nfunc P() io.Closer { return nil }\n", i))
	}
	generator, checker := m.said(t)
	is.New(t).Equal(generator, nil)
	for i, test := range cases {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			is := is.New(t)
			files, known, err := gen.Expected(filepath.Join(m.dir, fmt.Sprintf("p%d", i)))
			is.NoErr(err)
			is.True(known)
			asserted := 0
			for name, src := range files {
				f, err := genfile.Read(name, src)
				is.NoErr(err)
				for _, s := range f.Specs {
					if s.Asserted {
						asserted++
					}
				}
			}
			is.Equal(asserted == 1, test.Named)
			blamed := find(fmt.Sprintf(`plugin (c%d:p): io.Closer does not satisfy`, i), checker)
			is.Equal(len(blamed) == 1, test.Named)
		})
	}
}

func TestDeprecationsAgree(t *testing.T) {
	m, refused := newModule(t), newModule(t)
	cases := rulestest.Deprecations()
	var keysRefused []string
	for i, test := range cases {
		keys := ""
		for key, value := range map[string]string{
			"stability": test.Keys.Stability, "deprecated": test.Keys.Instead,
			"deprecated_since": test.Keys.Since, "removal_in": test.Keys.RemovalIn,
		} {
			if value != "" {
				keys += fmt.Sprintf(" %s=%q", key, value)
			}
			if value != "" && test.Refused && key != "stability" {
				keysRefused = append(keysRefused, key)
			}
		}
		if test.Refused {
			refused.plugin(rulestest.Plugin{ID: in(i, "app:old")}, keys)
			continue
		}
		m.plugin(rulestest.Plugin{ID: in(i, "app:old")}, keys)
		m.plugin(rulestest.Plugin{ID: in(i, "app:user")}, " requires=old")
	}
	generator, checker := m.said(t)
	is.New(t).Equal(generator, nil)
	slices.Sort(keysRefused)
	generatorRefuses, checkerRefuses := refused.said(t)
	for _, said := range [][]string{generatorRefuses, checkerRefuses} {
		var keys []string
		for _, message := range said {
			if key, _, ok := strings.Cut(message, " is for a deprecated plugin"); ok {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		is.New(t).Equal(keys, keysRefused)
	}
	for i, test := range cases {
		t.Run(fmt.Sprint(test.Keys), func(t *testing.T) {
			is := is.New(t)
			k := test.Keys
			is.Equal(k.String(), test.Want)

			plugin := gen.Plugin{Name: "old", Namespace: "app", Properties: annotate.Properties{
				Stability: k.Stability, Deprecated: k.Instead, DeprecatedSince: k.Since, RemovalIn: k.RemovalIn,
			}}
			is.Equal(plugin.Deprecation(), test.Want)
			description, deprecated := documented(t, plugin)
			is.Equal(strings.ToLower(strings.TrimSuffix(description, ".")), test.Want)
			is.Equal(deprecated, test.Want != "")

			is.Equal(k.TakesVersions() || k.Since+k.RemovalIn == "", !test.Refused)
			if !test.Refused {
				said := find(regexp.QuoteMeta(in(i, "app:old"))+`, which is (deprecated.*)$`, checker)
				is.Equal(strings.Join(said, ""), test.Want)
			}

			var reason string
			err := registry.ExcludeDeprecated()(&registry.Spec{
				Namespace: "app", Name: "old", Stability: registry.Stability(k.Stability),
				Deprecated: k.Instead, DeprecatedSince: k.Since, RemovalIn: k.RemovalIn,
			})
			if err != nil {
				reason = strings.TrimPrefix(err.Error(), "disabled, reason: ")
			}
			is.Equal(reason, test.Want)
		})
	}
}

// The levels of stability are those of the run time, which orders them.
func TestStabilitiesAgree(t *testing.T) {
	is := is.New(t)
	f, err := parser.ParseFile(token.NewFileSet(), "../../registry/spec.go", nil, 0)
	is.NoErr(err)
	var levels []string
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Stability") {
			level, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			is.NoErr(err)
			levels = append(levels, level)
		}
		return true
	})
	is.Equal(levels, rules.Stabilities)
	mature := slices.Index(rules.Stabilities, "deprecated") // the levels before it are in order
	for i, least := range rules.Stabilities[:mature] {
		for j, level := range rules.Stabilities {
			spec := &registry.Spec{Namespace: "app", Name: "p", Stability: registry.Stability(level)}
			enabled := registry.MinStability(registry.Stability(least))(spec) == nil
			is.Equal(enabled, i <= j && j < mature)
		}
	}
}

// documented returns what the schema of a program's configuration says of a plugin.
func documented(t *testing.T, p gen.Plugin) (description string, deprecated bool) {
	t.Helper()
	var schema struct {
		Defs map[string]struct {
			Description string
			Deprecated  bool
		} `json:"$defs"`
	}
	err := json.Unmarshal(reference.Schema(&gen.Program{Sections: []gen.Section{{
		Path: p.Namespace, Namespace: p.Namespace, Plugins: []gen.Plugin{p},
	}}}), &schema)
	is.New(t).NoErr(err)
	def, ok := schema.Defs[p.Namespace+"."+p.Name]
	is.New(t).True(ok)
	return def.Description, def.Deprecated
}

// A directive may have the names and namespaces that a generated file and a program may.
func TestNamesAgree(t *testing.T) {
	for name, want := range rulestest.PluginNames() {
		t.Run(fmt.Sprintf("name %q", name), func(t *testing.T) { nameAgrees(t, "app", name, want) })
	}
	for namespace, want := range rulestest.Namespaces() {
		t.Run(fmt.Sprintf("namespace %q", namespace), func(t *testing.T) { nameAgrees(t, namespace, "name", want) })
	}
}

func nameAgrees(t *testing.T, namespace, name string, want bool) {
	is := is.New(t)
	is.Equal(rules.ValidNamespace(namespace) && rules.ValidName(name), want)

	fset := token.NewFileSet()
	src := fmt.Sprintf("package p\n\n//plugin:namespace=%q name=%q\nfunc P() {}\n", namespace, name)
	f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
	is.NoErr(err)
	p := annotate.Read("example.com/p", []*annotate.File{annotate.NewFile(fset, "p.go", f)})
	is.Equal(len(p.Diagnostics) == 0, want) // generator and checker

	src = fmt.Sprintf("package p\n\nimport %q\n\nvar %s = registry.Spec{}\n", annotate.RegistryPath,
		genfile.Identifier(namespace, name))
	_, err = genfile.Read("plugins_gen.go", []byte(src))
	is.Equal(err == nil || !strings.Contains(err.Error(), "is not the namespace and name of a plugin"), want)

	err = new(registry.Registry).Add(&registry.Spec{
		Namespace: namespace, Name: name, New: func(*registry.Spec) (any, error) { return 1, nil },
	})
	is.Equal(errors.Is(err, registry.ErrInvalid), !want)
}

// A section that a directive may name is read back from the generated file, and the run time finds
// it in a configuration.
func TestSectionsAgree(t *testing.T) {
	m := newModule(t)
	sections := slices.Sorted(maps.Keys(rulestest.Sections()))
	for i, section := range sections {
		m.files[fmt.Sprintf("p%d/p.go", i)] = fmt.Sprintf("package p\n\n//plugin:contract namespace=c%d section=%q\n"+
			"type C any\n\n//plugin:options section=%q\ntype S struct {\n\tX int `plugin:\"option\"`\n}\n",
			i, section, section)
	}
	generator, checker := m.said(t)
	refused := func(section string, said []string) bool {
		return slices.ContainsFunc(said, func(s string) bool {
			return strings.HasPrefix(s, strconv.Quote(section)+" is not a section")
		})
	}
	for _, section := range sections {
		t.Run(section, func(t *testing.T) {
			is := is.New(t)
			want := rulestest.Sections()[section]
			is.Equal(rules.ValidSection(section), want)
			is.Equal(!refused(section, generator), want)
			is.Equal(!refused(section, checker), want)
			record := genfile.Record{Namespace: "a", Symbol: "C", Section: section}
			f, err := genfile.Read("plugins_gen.go", []byte("package p\n\n"+genfile.ContractRecord+record.String()+"\n"))
			is.Equal(err == nil && f.Contracts[0].Section == section, want || section == "")
			_, err = genfile.Read("plugins_gen.go", []byte("package p\n\nimport "+strconv.Quote(genfile.GeneratedPath)+
				"\n\nvar Options_S = generated.Options{Type: \"example.com/p.S\", Section: "+strconv.Quote(section)+"}\n"))
			is.Equal(err == nil, want)
			is.True(!want || finds(section)) // at run time
		})
	}
}

// finds reports whether a configuration has what it is said to have at a section.
func finds(section string) (found bool) {
	defer func() { found = recover() == nil && found }()
	table := map[string]any{}
	names := strings.Split(section, ".")
	inner := table
	for _, name := range names {
		next := map[string]any{}
		inner[name], inner = next, next
	}
	inner["x"] = 1
	cfg, err := config.Load(config.FromMap("test", table))
	if err != nil {
		return false
	}
	n, err := cfg.At(section).Key("x").Int()
	return err == nil && n == 1
}

// A name in a section is of the same plugin for all that read the section: each plugin has an
// option of its own, so only the options of one are accepted.
func TestInstancesAgree(t *testing.T) {
	for _, test := range rulestest.Instances() {
		t.Run(test.Key+" of "+strings.Join(append(test.Plugins, test.Aliases...), ","), func(t *testing.T) {
			is := is.New(t)
			n := newNamespace(t, test)
			for i, name := range test.Plugins {
				want := name == test.Of
				text := fmt.Appendf(nil, `{"app":{%q:{"o%d":1}}}`, test.Key, i)
				cfg, err := config.Load(config.JSON("app.json", text))
				is.NoErr(err)

				accepted := want && test.Valid()
				set := registry.NewSet[any]("app", registry.WithFinder(&n.registry))
				is.Equal(set.Check(t.Context(), cfg.At("app")) == nil, accepted) // Set
				is.Equal(n.registry.ValidateConfig(cfg) == nil, accepted)        // ValidateConfig
				var printed strings.Builder
				is.NoErr(n.registry.PrintConfig(&printed, cfg))
				is.Equal(strings.Contains(printed.String(), fmt.Sprintf("o%d = 1 ", i)), want) // PrintConfig
				var value any
				is.NoErr(json.Unmarshal(text, &value))
				is.Equal(n.schema.Validate(value) == nil, accepted) // schema
			}
		})
	}
}

// The schema accepts the names that the run time does.
func TestInstancesOfSchemaAgree(t *testing.T) {
	is := is.New(t)
	alphabet := []string{"a", "b", "/", "/", "-", "é"}
	accepted := 0
	for range 100 {
		test := rulestest.Instance{Plugins: []string{"a"}}
		for range 3 {
			name := text(alphabet, 6)
			if name != "" && !slices.Contains(test.Plugins, name) {
				test.Plugins = append(test.Plugins, name)
			}
		}
		n := newNamespace(t, test)
		for range 20 {
			key := test.Plugins[rand.IntN(len(test.Plugins))] + text(alphabet, 5)
			if slices.Contains(test.Plugins, key) {
				continue // a Manager takes the name of a plugin, although it may be no id
			}
			i := rand.IntN(len(test.Plugins))
			src := fmt.Appendf(nil, `{"app":{%q:{"o%d":1}}}`, key, i)
			cfg, err := config.Load(config.JSON("app.json", src))
			is.NoErr(err)
			var value any
			is.NoErr(json.Unmarshal(src, &value))
			one, two := n.registry.ValidateConfig(cfg), n.schema.Validate(value)
			if (one == nil) != (two == nil) {
				t.Fatalf("plugins %q, %s: %v, by the schema %v", test.Plugins, src, one, two)
			}
			if one == nil {
				accepted++
			}
		}
	}
	is.True(accepted > 20)
}

// A namespace has the plugins of a case, for the run time and for the schema.
type namespace struct {
	registry registry.Registry
	schema   *jsonschema.Resolved
}

func newNamespace(t *testing.T, test rulestest.Instance) *namespace {
	t.Helper()
	is := is.New(t)
	n := new(namespace)
	section := gen.Section{Path: "app", Namespace: "app"}
	for i, name := range test.Plugins {
		option := fmt.Sprintf("o%d", i)
		spec := &registry.Spec{
			Namespace: "app", Name: name,
			NewWith: func(*registry.Spec, any) (any, error) { return new(int), nil },
			Options: &generated.Options{
				Options: []generated.Option{{Name: option, Type: "int"}},
				New:     func() any { return new(int) },
				Fill: func(d *generated.Decoder, target any) {
					d.Begin()
					if d.Option(0) {
						generated.Int(d, target.(*int))
					}
					d.End()
				},
			},
		}
		plugin := gen.Plugin{Namespace: "app", Name: name, Options: &options.Struct{
			Path: "example.com/p", Package: "p", Name: fmt.Sprintf("T%d", i),
			Options: []*options.Option{{Name: option, Type: &options.Type{Kind: options.Int}}},
		}}
		if i == 0 {
			spec.Aliases, plugin.Aliases = test.Aliases, test.Aliases
		}
		is.NoErr(n.registry.Add(spec))
		section.Plugins = append(section.Plugins, plugin)
	}
	n.registry.Link(&generated.Links[registry.Spec]{Sections: []generated.Section{{Path: "app", Namespace: "app"}}})
	var schema jsonschema.Schema
	is.NoErr(json.Unmarshal(reference.Schema(&gen.Program{Sections: []gen.Section{section}}), &schema))
	var err error
	n.schema, err = schema.Resolve(nil)
	is.NoErr(err)
	return n
}

func TestGlobsAgree(t *testing.T) {
	for _, test := range rulestest.Matches() {
		if got := rules.Glob(test.Glob).Match(test.Text); got != test.Want {
			t.Errorf("rules: %q matches %q: %v", test.Glob, test.Text, got)
		}
		if got := (registry.Pattern{Name: test.Glob}).Match(&registry.Spec{Name: test.Text}); got != test.Want {
			t.Errorf("registry: %q matches %q: %v", test.Glob, test.Text, got)
		}
	}
	for range 20_000 {
		glob := text([]string{"a", "b", "*", "?", "[", "]", "!", "-", "^", "/", ".", `\`, "é"}, 8)
		s := text([]string{"a", "b", "c", "[", "]", "!", "-", "^", "/", ".", `\`, "é"}, 5)
		if glob == "" {
			continue // a pattern's empty field matches everything
		}
		one, two := rules.Glob(glob).Match(s), (registry.Pattern{Name: glob}).Match(&registry.Spec{Name: s})
		if one != two {
			t.Fatalf("%q matches %q: %v, at run time %v", glob, s, one, two)
		}
	}
}
