package annotate

import (
	"go/ast"
	"strconv"
)

// A TypeDecl is the declaration of a type at package level.
type TypeDecl struct {
	*ast.TypeSpec
	File *File
}

// Types returns the declarations of a type in builds that include a file: several if it
// is declared once for each of several builds.
func (p *Package) Types(name string, from *File) []TypeDecl {
	var all []TypeDecl
	for _, d := range p.declaredIn(name, from) {
		if d.typ != nil {
			all = append(all, TypeDecl{d.typ, d.file})
		}
	}
	return all
}

// Has reports whether a file that was read declares a name.
func (p *Package) Has(name string) bool { return p.decls[name] != nil }

// Everywhere reports whether a name is declared in all builds that include a file. If it is
// not, builds says where it is declared, for messages.
func (p *Package) Everywhere(name string, from *File) (ok bool, builds string) {
	r := &reader{Package: p, file: from}
	builds = r.declaredWhere(name)
	return builds == "", builds
}

// Method returns a method that is declared on a type, in some build that includes the file,
// or nil.
func (p *Package) Method(typeName, name string, from *File) *Method {
	for _, m := range p.methods[typeName] {
		if m.Name.Name == name && !m.file.Constraint.Excludes(from.Constraint) {
			return &Method{name, m.Type, identSpan(m.Name), m.file}
		}
	}
	return nil
}

// Const returns the file in which a constant is declared, in a build that includes the
// file from, or nil.
func (p *Package) Const(name string, from *File) *File {
	decls := p.declaredIn(name, from)
	if len(decls) != 1 || !decls[0].konst {
		return nil
	}
	return decls[0].file
}

// DotImports returns the paths of the packages that the file imports as a dot, so that a
// name in it may be one of theirs.
func (f *File) DotImports() []string {
	var paths []string
	for _, imp := range f.Syntax.Imports {
		if path, err := strconv.Unquote(imp.Path.Value); err == nil && isDot(imp) {
			paths = append(paths, path)
		}
	}
	return paths
}
