package tree

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/txtar"
)

// In an archive of styles, files in the directory "package" go into every plugin package,
// and are templates of a Package; the others are templates of a root.
//
//go:embed styles/*.txtar
var styles embed.FS

//go:embed main.tmpl
var mainTemplate string

// shared is what the templates of every style can use.
var shared = template.Must(template.New("main").Parse(mainTemplate))

// Styles returns the names of the styles.
func Styles() []string {
	entries, _ := styles.ReadDir("styles") // embedded: it is there
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".txtar"))
	}
	return names
}

// A root is what the files of a tree that belong to no plugin package are made from.
type root struct {
	Module   string
	Project  string
	Packages []Package // those with plugins
}

// A style is templates by the name of the file.
type style struct {
	perPackage, once map[string]*template.Template
}

func parseStyle(name string) (*style, error) {
	archive, err := styles.ReadFile("styles/" + name + ".txtar")
	if err != nil {
		return nil, fmt.Errorf("there is no style %q; there are %s", name, strings.Join(Styles(), ", "))
	}
	s := &style{map[string]*template.Template{}, map[string]*template.Template{}}
	for _, f := range txtar.Parse(archive).Files {
		t, err := template.Must(shared.Clone()).New(f.Name).Parse(string(f.Data))
		if err != nil {
			return nil, err
		}
		if in, ok := strings.CutPrefix(f.Name, "package/"); ok {
			s.perPackage[in] = t
		} else {
			s.once[f.Name] = t
		}
	}
	return s, nil
}

func (s *style) writePackage(dir string, p Package) error { return execute(s.perPackage, dir, p) }

func (s *style) writeRoot(dir string, t Tree) error {
	project, err := filepath.Abs(t.Project)
	if err != nil {
		return err
	}
	return execute(s.once, dir, root{Module, filepath.ToSlash(project), t.WithPlugins()})
}

func execute(files map[string]*template.Template, dir string, data any) error {
	for name, t := range files {
		var b bytes.Buffer
		if err := t.Execute(&b, data); err != nil {
			return err
		}
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeRequirements writes the go.mod and go.sum that are taken over, or a go.mod without
// requirements, unless the style has one of its own.
func (t Tree) writeRequirements(dir string) error {
	mod := filepath.Join(dir, "go.mod")
	if t.Requirements == "" {
		if _, err := os.Stat(mod); err == nil {
			return nil
		}
		version := strings.TrimPrefix(strings.Fields(runtime.Version())[0], "go")
		return os.WriteFile(mod, fmt.Appendf(nil, "module %s\n\ngo %s\n", Module, version), 0o644)
	}
	if err := takeOver(filepath.Join(t.Requirements, "go.mod"), mod); err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(t.Requirements, "go.sum"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644)
}

// takeOver writes a go.mod that requires and replaces what another does.
func takeOver(from, to string) error {
	src, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := modfile.Parse(from, src, nil)
	if err != nil {
		return err
	}
	if err := f.AddModuleStmt(Module); err != nil {
		return err
	}
	for _, r := range slices.Clone(f.Replace) {
		if modfile.IsDirectoryPath(r.New.Path) && !path.IsAbs(r.New.Path) {
			dir, err := filepath.Abs(filepath.Join(filepath.Dir(from), r.New.Path))
			if err != nil {
				return err
			}
			if err := f.AddReplace(r.Old.Path, r.Old.Version, filepath.ToSlash(dir), ""); err != nil {
				return err
			}
		}
	}
	out, err := f.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(to, out, 0o644)
}
