package options_test

import (
	"fmt"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/excerpt"
	"github.com/plugingen/plugingen/internal/golden"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/source"
)

// TestGolden reads each archive in testdata as a package (files in directories are packages
// of its module) and compares the options that are read, and all that is reported.
func TestGolden(t *testing.T) {
	golden.Compare(t, func(_ *testing.T, sources map[string][]byte) string { return readModule(sources).report() })
}

const root = "example.com/p"

// A module is a package, example.com/p, and those in directories below it.
type module struct {
	fset     *token.FileSet
	sources  map[string][]byte
	packages map[string]*source.Package
	main     *source.Package
	read     *options.Package
}

func readModule(sources map[string][]byte) *module {
	m := &module{fset: token.NewFileSet(), sources: sources, packages: map[string]*source.Package{}}
	dirs := map[string][]source.File{}
	for name, src := range sources {
		dirs[path.Dir(name)] = append(dirs[path.Dir(name)], source.File{
			Name: path.Base(name), Path: name, Src: []byte(src), Annotated: scan.Annotated([]byte(src)),
		})
	}
	for dir, files := range dirs {
		p := source.Read(m.fset, path.Join(root, dir), files, m.readFile)
		m.packages[p.Path] = p
	}
	m.main = m.packages[root]
	m.main.Resolve(m)
	m.read = options.Read(m.main, m, m.naming)
	return m
}

func (m *module) readFile(name string) ([]byte, error) { return m.sources[name], nil }

// naming is as the contract says that any package of the module has.
func (m *module) naming(namespace string, _ *annotate.File) string {
	for _, p := range m.packages {
		for _, c := range p.Contracts {
			if c.Namespace == namespace {
				return c.Options
			}
		}
	}
	return ""
}

func (m *module) Package(path string) *source.Package { return m.packages[path] }

// Foreign knows one module.
func (m *module) Foreign(path, name string) (options.Foreign, bool) {
	f := options.Foreign{Package: "other"}
	switch path + "." + name {
	case "example.com/other.Shared":
		f.Options = true
		f.Struct = &options.Struct{Options: []*options.Option{{
			Name: "cert", Type: &options.Type{Kind: options.String},
			Properties: options.Properties{Aliases: []string{"certificate"}},
		}}}
	case "example.com/other.Parser":
		f.Namespace = "other.parsers"
	case "example.com/other.Concrete":
		f.Namespace, f.Pointer = "other.concrete", true
	}
	return f, path != "example.com/missing"
}

func (m *module) Namespace(from *annotate.File, path, typeName string) (string, bool) {
	if p := m.packages[path]; p != nil {
		return p.NamespaceOf(from, typeName, m)
	}
	return "", false
}

func (m *module) Address(from *annotate.File, path, typeName string) (address, ok bool) {
	if p := m.packages[path]; p != nil {
		return p.AddressOf(from, typeName, m)
	}
	return false, false
}

func (m *module) Constant(from *annotate.File, path, name string) (string, bool) {
	if p := m.packages[path]; p != nil {
		return p.ConstantNamed(from, name, m)
	}
	return "", false
}

// report writes all that was read.
func (m *module) report() string {
	var b strings.Builder
	w := writer{b: &b, seen: map[*options.Struct]bool{}}
	for _, x := range m.main.Plugins {
		u := m.read.Uses[x]
		if u == nil {
			continue
		}
		fmt.Fprintf(&b, "plugin %s", x.ID())
		if u.Param {
			b.WriteString(" takes ")
			if u.Pointer {
				b.WriteString("*")
			}
		}
		b.WriteString(" " + goType(u.Go.String(), u.Path) + "\n")
		w.add(u.Struct)
	}
	for _, st := range m.read.Shared {
		w.add(st)
	}
	w.write()
	if m.read.Incomplete {
		b.WriteString("incomplete\n")
	}
	diags := annotate.Sort(m.fset, append(m.main.Diagnostics, m.read.Diagnostics...))
	formatter := &excerpt.Formatter{
		Fset: m.fset, Name: filepath.ToSlash,
		Source: func(name string) []byte { return m.sources[name] },
	}
	for _, d := range diags {
		fmt.Fprintf(&b, "\n[%s] %s", d.Category, formatter.Format(d))
	}
	return b.String()
}

func goType(text, path string) string { return strings.ReplaceAll(text, "p0.", path+".") }

// A writer writes structs once.
type writer struct {
	b     *strings.Builder
	seen  map[*options.Struct]bool
	queue []*options.Struct
}

func (w *writer) add(st *options.Struct) {
	if st != nil && !w.seen[st] {
		w.seen[st] = true
		w.queue = append(w.queue, st)
	}
}

func (w *writer) write() {
	for len(w.queue) > 0 {
		st := w.queue[0]
		w.queue = w.queue[1:]
		fmt.Fprintf(w.b, "struct %s.%s", st.Path, st.Name)
		for _, a := range st.TypeArgs {
			fmt.Fprintf(w.b, " [%s]", a)
		}
		for word, on := range map[string]bool{" shared": st.Shared} {
			if on {
				w.b.WriteString(word)
			}
		}
		if st.Foreign {
			w.b.WriteString(" foreign")
		}
		if st.Section != "" {
			w.b.WriteString(" section=" + st.Section)
		}
		for _, e := range st.Embedded {
			fmt.Fprintf(w.b, " new:%s=%s", strings.Join(e.Field, "."), e.Elem)
		}
		for _, p := range st.SetDefaults {
			fmt.Fprintf(w.b, " defaults:%s", strings.Join(append([]string{"o"}, p...), "."))
		}
		for _, p := range st.Validates {
			fmt.Fprintf(w.b, " validates:%s", strings.Join(append([]string{"o"}, p...), "."))
		}
		w.b.WriteString("\n")
		for _, o := range st.Options {
			w.option(o)
		}
	}
}

func (w *writer) option(o *options.Option) {
	fmt.Fprintf(w.b, "  %s %s %s", o.Name, strings.Join(o.Field, "."), w.typ(o.Type))
	add := func(key, value string) {
		if value != "" {
			fmt.Fprintf(w.b, " %s=%q", key, value)
		}
	}
	if o.HasDefault {
		key := "default"
		if o.Preset {
			key = "preset"
		}
		fmt.Fprintf(w.b, " %s=%q", key, o.Default)
	}
	for property := range o.Properties.All() {
		switch value := property.Value.(type) {
		case *bool:
			if *value {
				w.b.WriteString(" " + property.Key)
			}
		case *string:
			add(property.Key, *value)
		case *[]string:
			add(property.Key, strings.Join(*value, "|"))
		}
	}
	add("example", o.Example)
	add("doc", o.Doc)
	w.b.WriteString("\n")
}

func (w *writer) typ(t *options.Type) string {
	var s string
	switch t.Kind {
	case options.Pointer:
		return "*" + w.typ(t.Elem)
	case options.List:
		s = "[]" + w.typ(t.Elem)
	case options.Array:
		s = fmt.Sprintf("[%d]%s", t.Len, w.typ(t.Elem))
	case options.Map:
		s = "map[" + t.Key.String() + "]" + w.typ(t.Elem)
	case options.Table:
		w.add(t.Struct)
		return "table:" + t.Struct.Name
	case options.Plugin:
		s = "plugin:" + t.Namespace + ":" + t.TypeKey
	default:
		s = strings.NewReplacer("a ", "", "an ", "").Replace(t.Kind.String())
		if t.Bits != 0 {
			s += fmt.Sprint(t.Bits)
		}
		if t.Number != options.Invalid {
			s += "(" + t.Number.String() + ")"
		}
	}
	if t.As {
		s += "(as)"
	}
	if goType := t.Go.String(); t.Elem == nil {
		return s + "{" + goType + "}"
	}
	return s
}
