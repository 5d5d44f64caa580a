package invoke_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/internal/invoke"
)

func TestPlugingen(t *testing.T) {
	const (
		required = "require github.com/plugingen/plugingen v1.2.3\n"
		tool     = "tool github.com/plugingen/plugingen/cmd/plugingen\n"
		of       = "-- app/go.mod --\nmodule example.com/app\n"
	)
	for _, test := range []struct{ name, files, want string }{
		{"a tool of the module", of + required + tool, "go tool plugingen"},
		{"a tool of the workspace", of + required + "-- tools/go.mod --\nmodule example.com/tools\n" + tool +
			"-- go.work --\ngo 1.26\nuse (\n\t./app\n\t./tools\n)\n", "go tool plugingen"},
		{
			"a tool of another module", of + required + "-- tools/go.mod --\nmodule example.com/tools\n" + tool,
			"go run github.com/plugingen/plugingen/cmd/plugingen@v1.2.3",
		},
		{
			"a tool of the module around it", "-- go.mod --\nmodule example.com\n" + tool + of + required,
			"go run github.com/plugingen/plugingen/cmd/plugingen@v1.2.3",
		},
		{
			"another tool", of + required + "tool github.com/plugingen/plugingen/cmd/pluginvet\n",
			"go run github.com/plugingen/plugingen/cmd/plugingen@v1.2.3",
		},
		{
			"replaced", of + required + "replace github.com/plugingen/plugingen => ../plugingen\n",
			"go run github.com/plugingen/plugingen/cmd/plugingen",
		},
		{
			"replaced in the workspace", of + required + "-- go.work --\ngo 1.26\nuse ./app\n" +
				"replace github.com/plugingen/plugingen => ../plugingen\n",
			"go run github.com/plugingen/plugingen/cmd/plugingen",
		},
		{
			"replaced, but not required", of + "replace github.com/plugingen/plugingen => ../plugingen\n",
			"go run -mod=mod github.com/plugingen/plugingen/cmd/plugingen",
		},
		{
			"replaced in a workspace, but not required", of + "replace github.com/plugingen/plugingen => ../plugingen\n" +
				"-- go.work --\ngo 1.26\nuse ./app\n", "plugingen",
		},
		{
			"its own module", "-- app/go.mod --\nmodule github.com/plugingen/plugingen\n",
			"go run github.com/plugingen/plugingen/cmd/plugingen",
		},
		{"not required", of, "plugingen"},
		{"no module", "", "plugingen"},
		{"a go.mod with errors", of + "requires\n", "plugingen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			t.Setenv("GOWORK", "")
			root := t.TempDir()
			dir := filepath.Join(root, "app", "p")
			is.NoErr(os.MkdirAll(dir, 0o777))
			for _, f := range txtar.Parse([]byte(test.files)).Files {
				name := filepath.Join(root, f.Name)
				is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
				is.NoErr(os.WriteFile(name, f.Data, 0o666))
			}
			is.Equal(invoke.Plugingen(dir), test.want)
		})
	}
}

func TestWithoutWorkspace(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	is.NoErr(os.WriteFile(filepath.Join(dir, "go.work"), []byte("go 1.26\nuse .\n"), 0o666))
	is.NoErr(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/app\n"), 0o666))
	t.Setenv("GOWORK", "off")
	is.Equal(invoke.Plugingen(dir), "plugingen")
}
