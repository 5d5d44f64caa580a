package driver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/analyzer/driver"
	"github.com/plugingen/plugingen/gen"
)

// program writes the correct program into a new directory, and returns that.
func program(t *testing.T) string {
	t.Helper()
	is := is.New(t)
	dir := t.TempDir()
	archive, err := txtar.ParseFile("testdata/program.txtar")
	is.NoErr(err)
	for _, f := range archive.Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	root, err := filepath.Abs("../..")
	is.NoErr(err)
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf(`module example.com/seed

go 1.26.0

require github.com/plugingen/plugingen v0.0.0

tool github.com/plugingen/plugingen/cmd/plugingen

replace github.com/plugingen/plugingen => %s
`, root))
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOPROXY", "off")
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	is := is.New(t)
	is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
	is.NoErr(os.WriteFile(name, []byte(text), 0o666))
}

// edit replaces text in a file of the program.
func edit(t *testing.T, name, before, after string) {
	t.Helper()
	is := is.New(t)
	src, err := os.ReadFile(name)
	is.NoErr(err)
	is.Equal(strings.Count(string(src), before), 1) // what is to be edited
	write(t, name, strings.Replace(string(src), before, after, 1))
}

func generate(t *testing.T, dir string) {
	t.Helper()
	is := is.New(t)
	plan, err := gen.Make(dir, []string{"./..."})
	is.NoErr(err)
	is.NoErr(plan.Apply())
}

// check returns what there is to say of the program, a line for each finding.
func check(t *testing.T, dir string) []string {
	t.Helper()
	return checkWith(t, driver.Config{Dir: dir, Tests: true})
}

// checkWith is check of another build.
func checkWith(t *testing.T, c driver.Config) []string {
	t.Helper()
	is := is.New(t)
	dir := c.Dir
	report, err := c.Check("./...")
	is.NoErr(err)
	lines := report.Errors
	for _, f := range report.Findings {
		pos := report.Fset.Position(f.Pos)
		name, err := filepath.Rel(dir, pos.Filename)
		is.NoErr(err)
		message, _, _ := strings.Cut(f.Message, "\n")
		lines = append(lines, fmt.Sprintf("%s:%d: %s: %s", filepath.ToSlash(name), pos.Line, f.Category, message))
	}
	return lines
}

func TestCorrectProgram(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	generate(t, dir)
	is.Equal(check(t, dir), nil)
}

// A plugin that was declared after its host was written.
func TestForgottenHost(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	generate(t, dir)
	write(t, filepath.Join(dir, "late", "late.go"), "package late\n\n//plugin:namespace=seed.late\nfunc Late() {}\n")
	plan, err := gen.Make(dir, []string{"./late"})
	is.NoErr(err)
	is.NoErr(plan.Apply())
	is.Equal(check(t, dir), []string{"cmd/seed/main.go:12: stale: this host does not link the plugin " +
		"seed.late:late: run go tool plugingen ./..."})

	edit(t, filepath.Join(dir, "cmd", "seed", "main.go"), "//plugin:link",
		"//plugin:link packages=example.com/seed/web,example.com/seed/s...,example.com/seed/free")
	generate(t, dir)
	is.Equal(check(t, dir), nil) // what packages= does not name is left out on purpose
}

// A plugin that the host may not import has to be left out, and both tools say so.
func TestInternalPlugin(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	generate(t, dir)
	write(t, filepath.Join(dir, "store", "internal", "late", "late.go"),
		"package late\n\n//plugin:namespace=seed.late\nfunc Late() {}\n")
	plan, err := gen.Make(dir, []string{"./store/..."})
	is.NoErr(err)
	is.NoErr(plan.Apply())
	is.Equal(check(t, dir), []string{"store/internal/late/late.go:4: linking: no host links the plugin " +
		"seed.late:late: its package is internal to example.com/seed/store, " +
		"so that no host may import it: move it, or leave it out with exclude=example.com/seed/store/internal/late"})

	for _, exclude := range []string{
		"example.com/seed/store/internal/late",
		"example.com/seed/store/internal/...", "seed.late", "*:late",
	} {
		dir := program(t)
		write(t, filepath.Join(dir, "store", "internal", "late", "late.go"),
			"package late\n\n//plugin:namespace=seed.late\nfunc Late() {}\n")
		edit(t, filepath.Join(dir, "cmd", "seed", "main.go"), "//plugin:link", "//plugin:link exclude="+exclude)
		generate(t, dir)
		is.Equal(check(t, dir), nil)
	}
}

// A struct that has all of a plugin but the name is a plugin's, unless something
// embeds it or it is called a base.
func TestForgottenName(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	next := filepath.Join(dir, "web", "next.go")
	write(t, next, "package web\n\n//plugin:namespace=seed.services\ntype Next struct{ Web }\n")
	// A contract without methods does not tell plugins from bases.
	write(t, filepath.Join(dir, "api", "any.go"), "package api\n\n//plugin:namespace=seed.any\ntype Any interface{}\n")
	write(t, filepath.Join(dir, "web", "any.go"), "package web\n\n//plugin:namespace=seed.any\ntype Common struct{}\n")
	generate(t, dir)
	is.Equal(check(t, dir), []string{"web/next.go:4: missing: Next has all that plugins of seed.services " +
		"need but a name, and nothing embeds it: add name=next to make it a plugin"})

	write(t, filepath.Join(dir, "store", "next.go"), "package store\n\nimport "+
		"\"example.com/seed/web\"\n\ntype wrapper struct{ *web.Next }\n")
	is.Equal(check(t, dir), nil)

	// In the package of the contract as well.
	write(t, filepath.Join(dir, "api", "slow.go"), "package api\n\nimport \"context\"\n\n"+
		"//plugin:namespace=seed.services\ntype Slow struct{}\n\n"+
		"func (Slow) Load(context.Context, *App) error { return nil }\n\n"+
		"func (Slow) Run(context.Context) error { return nil }\n")
	generate(t, dir)
	is.Equal(check(t, dir), []string{"api/slow.go:6: missing: Slow has all that plugins of seed.services " +
		"need but a name, and nothing embeds it: add name=slow to make it a plugin"})
}

// What the compiler is to prove depends on what the package imports.
func TestAssertionsDependOnImports(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	write(t, filepath.Join(dir, "api", "late.go"), "package api\n\n//plugin:namespace=seed.late\ntype Late "+
		"func() error\n")
	write(t, filepath.Join(dir, "late", "late.go"), "package late\n\n//plugin:namespace=seed.late\nfunc "+
		"Late() error { return nil }\n")
	generate(t, dir)
	is.Equal(check(t, dir), nil)

	write(t, filepath.Join(dir, "late", "api.go"), "package late\n\nimport _ \"example.com/seed/api\"\n")
	is.Equal(check(t, dir), []string{"late/late.go:4: stale: plugins_gen.go does not assert that plugin " +
		"seed.late:late satisfies the contract, which the package knows: run go tool plugingen ./..."})
	generate(t, dir)
	is.Equal(check(t, dir), nil)
}

// Each seed is one violation. Some are there before plugingen runs, some come
// afterwards, so that a generated file is stale as well.
func TestEachViolationIsReported(t *testing.T) {
	for _, seed := range []struct {
		name, file, before, after string
		then                      bool // after plugingen has run
		want                      string
	}{
		{
			"method of another type", "web/web.go", "Run(ctx context.Context) error  ", "Run() error", true,
			"web/web.go:11: contract: plugin seed.services:web: *web.Web does not satisfy api.Service, the " +
				"contract of its namespace: method Run has another signature",
		},
		{
			"method missing", "web/web.go", "func (*Web) Run(", "func (*Web) run(", true,
			"web/web.go:11: contract: plugin seed.services:web: *web.Web does not satisfy api.Service, the " +
				"contract of its namespace: method run should be Run",
		},
		{
			"load argument", "store/store.go", "app *api.App", "app api.App", true,
			"store/store.go:15: contract: plugin seed.services:store: *store.store does not satisfy " +
				"api.Service, the contract of its namespace: method Load has another signature",
		},
		{
			"function", "steps/steps.go", "Logging(app *api.App) error { return nil }",
			"Logging(app *api.App) {}", true,
			"steps/steps.go:9: contract: plugin seed.steps:logging: func(*api.App) does not satisfy " +
				"api.Step, the contract of its namespace: the function has another signature",
		},
		{
			"contract out of sight", "free/free.go", "Greet(ctx context.Context)", "Greet()", true,
			"free/free.go:7: contract: plugin seed.local:free: *free.Free does not satisfy main.Greeter, " +
				"the contract of its namespace: method Greet has another signature",
		},
		{
			"close", "web/web.go", "Close() error                                 { return nil }", "Close() {}", true,
			"web/web.go:18: lifecycle: plugin seed.services:web: a manager calls a method Close, but this " +
				"one has another signature",
		},
		{
			"should load", "web/web.go", "ShouldLoad() bool                             { return true }",
			"ShouldLoad() error { return nil }", true,
			"web/web.go:17: lifecycle: plugin seed.services:web: a manager calls a method ShouldLoad, but " +
				"this one has another signature",
		},
		{
			"manager type", "cmd/seed/main.go", "NewManager[api.Step]",
			"NewManager[func(*api.App, ...any) error]", true,
			"cmd/seed/main.go:27: manager: the contract of seed.steps is api.Step, but this is a manager of " +
				"func(*api.App, ...any) error: write api.Step",
		},
		{
			"name", "cmd/seed/main.go", `Load(ctx, "free")`, `Load(ctx, "fre")`, true,
			`cmd/seed/main.go:24: manager: there is no plugin seed.local:fre (did you mean "free"?)`,
		},
		{
			"namespace", "api/api.go", `[Service]("seed.services")`, `[Service]("seed.service")`, true,
			`api/api.go:32: manager: there is no namespace seed.service (did you mean "seed.services"?)`,
		},
		{
			"plugin's namespace", "steps/steps.go", "namespace=seed.steps requires=logging",
			"namespace=seed.step requires=seed.steps:logging", false,
			`steps/steps.go:14: manager: plugin seed.step:network: nothing loads plugins of namespace ` +
				`seed.step (did you mean "seed.steps"?)`,
		},
		{
			"cycle", "steps/steps.go", "priority=1", "priority=1 requires=network", true,
			"steps/steps.go:8: graph: plugin seed.steps:logging: the plugins require each other: " +
				"seed.steps:logging → seed.steps:network → seed.steps:logging",
		},
		{
			"deprecated", "store/store.go", "name=store factory", "name=store factory deprecated=old", false,
			"web/web.go:12: graph: plugin seed.services:web: it requires seed.services:store, which is deprecated: old",
		},
		{
			"renamed type", "free/free.go", "type Free struct{ Context context.Context }\n\nfunc (*Free)",
			"type Other struct{ Context context.Context }\n\nfunc (*Other)", true,
			"free/free.go:7: stale: plugin seed.local:free is not in plugins_gen.go as it is declared here: " +
				"run go tool plugingen ./...",
		},
		{
			"renamed plugin", "store/store.go", "name=store factory", "name=storage factory", true,
			"store/store.go:15: stale: plugin seed.services:storage is not in plugins_gen.go: run go tool " +
				"plugingen ./...\n" +
				"web/web.go:12: graph: plugin seed.services:web: it requires store, which does not exist",
		},
		{
			"removed directive", "steps/steps.go", "//plugin:namespace=seed.steps priority=1\n", "\n", true,
			"steps/steps.go:13: graph: plugin seed.steps:network: it requires logging, which does not exist",
		},
		{
			"changed priority", "steps/steps.go", "priority=1", "priority=2", true,
			"steps/steps.go:9: stale: plugin seed.steps:logging is not in plugins_gen.go as it is declared " +
				"here: run go tool plugingen ./...",
		},
		{
			"other platform's function", "steps/steps_windows.go", "func Registry", "func WinRegistry", true,
			"steps/steps_windows.go:8: stale: plugin seed.steps:win_registry is not in " +
				"plugins_windows_gen.go: run go tool plugingen ./...",
		},
		{
			"removed link", "cmd/seed/main.go", "//plugin:link\n", "", true,
			"cmd/seed/main.go:16: stale: plugins_gen.go links plugins, but there is no //plugin:link: " +
				"run go tool plugingen ./...",
		},
		{
			"host that leaves out what is required", "cmd/seed/main.go", "//plugin:link",
			"//plugin:link exclude=seed.services:store", true,
			"web/web.go:12: graph: plugin seed.services:web: it requires store, which the host " +
				"example.com/seed/cmd/seed does not link",
		},
		{
			"host that leaves out what is linked", "cmd/seed/main.go", "//plugin:link",
			"//plugin:link exclude=seed.steps", true,
			"cmd/seed/main.go:12: stale: a generated file links the plugin seed.steps:logging of " +
				"example.com/seed/steps, which this directive does not take: run go tool plugingen ./...",
		},
		{
			"pattern", "cmd/seed/main.go", "//plugin:link",
			"//plugin:link packages=example.com/seed/...,example.com/seed/stor", true,
			`cmd/seed/main.go:12: linking: example.com/seed/stor matches no package that has plugins ` +
				`(did you mean "example.com/seed/store"?)`,
		},
		{
			"glob", "cmd/seed/main.go", "//plugin:link", "//plugin:link exclude=seed.setps", true,
			`cmd/seed/main.go:12: linking: "seed.setps" matches no plugin of the packages that this host names (did you mean "seed.steps"?)`,
		},
		{
			"no glob", "cmd/seed/main.go", "//plugin:link", "//plugin:link exclude=seed.[", true,
			`cmd/seed/main.go:12: badvalue: "seed.[" is not a glob: syntax error in pattern`,
		},
		{
			"method that is nearly ShouldLoad", "web/web.go",
			"ShouldLoad() bool                             {",
			"ShouldLaod() bool                             {", true,
			`web/web.go:17: lifecycle: plugin seed.services:web: a manager does not call a method ` +
				`ShouldLaod (did you mean "ShouldLoad"?)`,
		},
		{
			"factory's result", "store/store.go", "func newStore(name string) (*store, error) { return " +
				"&store{name}, nil }", "func newStore(name string) (api.Service, error) { return nil, nil }", true,
			"store/store.go:15: role: plugin seed.services:store: newStore always returns nil",
		},
		{
			"name that is nothing like one", "cmd/seed/main.go", `Load(ctx, "free")`, `Load(ctx, "elephant")`, true,
			"cmd/seed/main.go:24: manager: there is no plugin seed.local:elephant; namespace seed.local has: free",
		},
		{
			"namespace of a contract", "cmd/seed/main.go", `[api.Step]("seed.steps")`,
			`[api.Step]("preparations")`, true,
			`cmd/seed/main.go:27: manager: there is no namespace preparations (did you mean "seed.steps"?)`,
		},
		{
			"manager without its argument", "api/api.go",
			`registry.For[Service]("seed.services").With(app)`,
			`registry.NewManager[Service]("seed.services")`, true,
			"api/api.go:32: manager: plugins of seed.services are loaded with an argument, and this manager " +
				"has none: write registry.For[api.Service](...).With(argument)",
		},
		{
			"edited by hand", "steps/plugins_gen.go", "Priority:  1", "Priority:  3", true,
			"steps/steps.go:9: stale: plugin seed.steps:logging is not in plugins_gen.go as it is declared " +
				"here: run go tool plugingen ./...",
		},
		{
			"unknown key", "steps/steps.go", "priority=1", "prioritty=1", true,
			`steps/steps.go:8: unknownkey: unknown key "prioritty" (did you mean "priority"?); ` +
				`keys of your own begin with x_`,
		},
	} {
		t.Run(seed.name, func(t *testing.T) {
			dir := program(t)
			if seed.then {
				generate(t, dir)
			}
			edit(t, filepath.Join(dir, filepath.FromSlash(seed.file)), seed.before, seed.after)
			if !seed.then {
				generate(t, dir)
			}
			got := check(t, dir)
			if got := strings.Join(got, "\n"); got != seed.want {
				t.Errorf("got\n%s\nwant\n%s", got, seed.want)
			}
		})
	}
}

// Two programs of one module may have plugins of one name.
func TestTwoProgramsMayUseOneName(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	main := filepath.Join(dir, "cmd", "seed", "main.go")
	edit(t, main, "//plugin:link",
		"//plugin:link packages=example.com/seed/web,example.com/seed/s...,example.com/seed/free")
	write(t, filepath.Join(dir, "other", "other.go"), "package other\n\n//plugin:namespace=seed.steps\ntype "+
		"Step func(*api.App) error\n\n//plugin:namespace=seed.steps name=logging\nfunc Logging(app "+
		"*api.App) error { return nil }\n")
	edit(t, filepath.Join(dir, "other", "other.go"), "package other\n",
		"package other\n\nimport \"example.com/seed/api\"\n")
	write(t, filepath.Join(dir, "cmd", "other", "main.go"),
		"package main\n\n//plugin:link packages=example.com/seed/other\n\nfunc main() {}\n")
	generate(t, dir)
	is.Equal(check(t, dir), nil)

	edit(t, main, "example.com/seed/free", "example.com/seed/free,example.com/seed/other")
	found := check(t, dir)
	is.Equal(len(found), 1) // of the contracts, the host names only one
	is.True(strings.Contains(found[0], "duplicate: plugin seed.steps:logging is declared already"))

	edit(t, main, "example.com/seed/web,example.com/seed/s...,example.com/seed/free,"+
		"example.com/seed/other", "example.com/seed/...")
	found = check(t, dir)
	is.Equal(len(found), 2)
	is.True(strings.Contains(found[0], "duplicate: example.com/seed/other.Step is a second contract of "+
		"namespace seed.steps, besides example.com/seed/api.Step"))
}
