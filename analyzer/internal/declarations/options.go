package declarations

import (
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// options adds what is wrong with the options of the package to its diagnostics, as
// plugingen reports it.
func (c *declarations) options() {
	read := options.Read(c.Sources.Package, &optionImports{declarations: c}, c.naming)
	c.configured = read.Uses
	c.Own.Diagnostics = append(c.Own.Diagnostics, read.Diagnostics...)
}

// naming returns the struct tags that name the options of the plugins of a namespace, as its
// contract says, if generated code names that for plugins of the file.
func (c *declarations) naming(namespace string, from *annotate.File) string {
	for _, k := range c.Own.Contracts {
		if k.Namespace == namespace &&
			rules.NamesContract(from.Constraint, []builds.Constraint{k.File.Constraint}) {
			return k.Options
		}
	}
	for _, k := range c.Facts.Contracts {
		if k.Namespace == namespace && c.NamesContract(k, from.Constraint) {
			return k.Options
		}
	}
	return ""
}

// optionImports answers what package options asks of other packages: of the package's module
// by their source, and of others by their types.
type optionImports struct {
	*declarations
	sources  func(path string) *source.Package // nil if nothing can be read
	searched bool
}

// Package implements [options.Imports].
func (i *optionImports) Package(path string) *source.Package {
	if path == i.Pkg.Path() {
		return i.Sources.Package
	}
	if !i.own(path) {
		return nil
	}
	if !i.searched {
		i.searched = true
		if sources, err := gen.Packages(i.Dir(), i.Fset); err == nil {
			i.sources = sources
		}
	}
	if i.sources == nil {
		return nil
	}
	return i.sources(path)
}

// own reports whether a package may be of the module of the package that is checked.
func (i *optionImports) own(path string) bool {
	return i.Module == nil || i.Module.Path == "" || rules.HasPathPrefix(path, i.Module.Path)
}

// Foreign implements [options.Imports].
func (i *optionImports) Foreign(path, name string) (f options.Foreign, known bool) {
	pkg := i.Import(path)
	if pkg == nil {
		return f, false
	}
	f.Package = pkg.Name()
	for _, k := range i.Facts.Contracts {
		if k.Package == path && k.Symbol == name {
			f.Namespace, f.Pointer = k.Namespace, isConcrete(k)
		}
	}
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return f, false
	}
	if f.Options = pkg.Scope().Lookup(genfile.SharedOptions+name) != nil; f.Options {
		f.Struct = taggedOptions(obj.Type())
	}
	return f, !i.own(path) && !i.Facts.Unanalyzed && !hasOptionTags(obj.Type())
}

// isConcrete reports whether plugins are pointers to the type of a contract.
func isConcrete(k facts.Contract) bool { return strings.HasPrefix(k.Type.Name, "*") }

// taggedOptions returns the names of the options of a struct, as far as plugin tags tell: to
// find another of one name.
func taggedOptions(t types.Type) *options.Struct {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	st := &options.Struct{}
	for i, tag := range target.OptionTags(s) {
		option, field := tag.Get("option"), s.Field(i)
		switch {
		case option == nil:
		case len(option.Values) > 0:
			st.Options = append(st.Options, &options.Option{Name: option.Values[0].Text})
		case !field.Embedded():
			st.Options = append(st.Options, &options.Option{Name: rules.SnakeCase(field.Name())})
		}
	}
	return st
}

// hasOptionTags reports whether fields of a struct are tagged as options: its module may not
// have been generated yet.
func hasOptionTags(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	return ok && slices.ContainsFunc(target.OptionTags(s),
		func(tag *annotate.OptionTag) bool { return tag.Get("option") != nil })
}
