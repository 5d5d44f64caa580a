package declarations

import (
	"go/types"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
)

// An importer implements [annotate.Imports] by the types of imported packages.
type importer struct{ *declarations }

// Constant returns the value of a string constant of an imported package.
func (i importer) Constant(from *annotate.File, path, name string) (string, bool) {
	if !i.IsBuilt(from) {
		return i.other.constant(i.declarations, from, path, name)
	}
	pkg := i.Import(path)
	if pkg == nil {
		return "", false
	}
	konst, ok := pkg.Scope().Lookup(name).(*types.Const)
	if !ok {
		return "", false
	}
	return stringValue(konst.Val())
}

// Address reports whether a plugin that is a variable of an imported type is its address.
func (i importer) Address(from *annotate.File, path, name string) (address, ok bool) {
	if !i.IsBuilt(from) {
		return i.other.address(i.declarations, from, path, name)
	}
	pkg := i.Import(path)
	if pkg == nil {
		return false, false
	}
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return false, false
	}
	switch u := obj.Type().Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Map, *types.Chan:
		return false, true
	case *types.Basic:
		return true, u.Kind() != types.Invalid
	}
	return true, true
}

// Namespace returns the namespace of a type of an imported package: its own, or
// that of the one type with a namespace that it embeds.
func (i importer) Namespace(from *annotate.File, path, name string) (string, bool) {
	if ns, ok := i.namespaceOf(path, name); ok || i.IsBuilt(from) {
		return ns, ok
	}
	return i.other.namespace(i.declarations, from, path, name)
}

// namespaceOf returns the namespace of a type that is in the build.
func (i importer) namespaceOf(path, name string) (string, bool) {
	pkg := i.Import(path)
	if pkg == nil {
		return "", false
	}
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return "", false
	}
	return i.namespace(obj.Type(), map[types.Type]bool{})
}

func (i importer) namespace(t types.Type, seen map[types.Type]bool) (string, bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || seen[named] {
		return "", false
	}
	seen[named] = true
	for _, b := range i.Facts.Bases {
		if b.Package == named.Obj().Pkg().Path() && b.Symbol == named.Obj().Name() {
			return b.Namespace, true
		}
	}
	s, ok := named.Underlying().(*types.Struct)
	if !ok {
		return "", false
	}
	found := ""
	for f := range s.Fields() {
		if !f.Embedded() {
			continue
		}
		if ns, ok := i.namespace(f.Type(), seen); ok {
			if found != "" && found != ns {
				return "", false
			}
			found = ns
		}
	}
	return found, found != ""
}

// otherBuilds implements [annotate.Imports] for files that are not in the build, whose imports
// have no types. It answers as plugingen does, by the syntax of the module's packages.
type otherBuilds struct {
	imports  annotate.Imports // nil if nothing can be read
	searched bool
	failed   bool // a question was not answered: what depends on it is unknown
}

func (o *otherBuilds) constant(c *declarations, from *annotate.File, path, name string) (value string, ok bool) {
	if o.open(c) {
		value, ok = o.imports.Constant(from, path, name)
	}
	o.failed = o.failed || !ok
	return value, ok
}

func (o *otherBuilds) address(c *declarations, from *annotate.File, path, name string) (address, ok bool) {
	if o.open(c) {
		address, ok = o.imports.Address(from, path, name)
	}
	o.failed = o.failed || !ok
	return address, ok
}

func (o *otherBuilds) namespace(c *declarations, from *annotate.File, path, name string) (namespace string, ok bool) {
	if o.open(c) {
		namespace, ok = o.imports.Namespace(from, path, name)
	}
	o.failed = o.failed || !ok
	return namespace, ok
}

// open finds the module that the package is in, and reports whether it can be read.
func (o *otherBuilds) open(c *declarations) bool {
	if !o.searched {
		o.searched = true
		if imports, err := gen.Imports(c.Dir()); err == nil {
			o.imports = imports
		}
	}
	return o.imports != nil
}

// uncertain reports whether a diagnostic may only be there since a file that is not in the
// build, or what such a file refers to, can't be read.
func (c *declarations) uncertain(d annotate.Diagnostic) bool {
	switch d.Category {
	case annotate.Unresolved, annotate.Missing:
		return c.Sources.Damaged() || c.other.failed && !c.InBuild(d.Pos)
	case annotate.Role: // as of what is declared in other builds than a file that names it
		return c.Sources.Damaged()
	}
	return false
}
