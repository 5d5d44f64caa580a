package annotate

import (
	"go/ast"
	"go/token"

	"github.com/plugingen/plugingen/internal/builds"
)

// A decl is a package-level declaration.
type decl struct {
	file  *File
	ident *ast.Ident
	typ   *ast.TypeSpec
	fn    *ast.FuncDecl
	val   *ast.ValueSpec
	value ast.Expr // of a variable or constant, if it has one of its own
	konst bool
	next  *decl // of the same name, for another build
}

func (d *decl) what() string {
	switch {
	case d.typ != nil:
		return "a type"
	case d.fn != nil:
		return "a function"
	case d.konst:
		return "a constant"
	}
	return "a variable"
}

// declared returns what a name stands for in a file: of several declarations that
// are for different builds, one that is in some build with the file.
func (p *Package) declared(name string, from *File) *decl {
	first := p.decls[name]
	for d := first; d != nil; d = d.next {
		if d.file == from {
			return d
		}
	}
	for d := first; d != nil; d = d.next {
		if !from.Constraint.Excludes(d.file.Constraint) {
			return d
		}
	}
	return first
}

// declaredIn returns what a name stands for in the builds that have a file: one
// declaration, or several that are for different builds.
func (p *Package) declaredIn(name string, f *File) []*decl {
	first := p.decls[name]
	if first == nil || first.next == nil {
		return p.allDeclared(name, f.Constraint)
	}
	for d := first; d != nil; d = d.next {
		if d.file == f {
			return []*decl{d}
		}
	}
	return p.allDeclared(name, f.Constraint)
}

// allDeclared returns the declarations of a name that are in some build which meets the
// constraint.
func (p *Package) allDeclared(name string, build builds.Constraint) []*decl {
	var all []*decl
	for d := p.decls[name]; d != nil; d = d.next {
		if !build.Excludes(d.file.Constraint) {
			all = append(all, d)
		}
	}
	return all
}

func (r *reader) index(f *File) {
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				r.add(&decl{file: f, ident: d.Name, fn: d})
			} else if name := receiver(d); name != "" {
				r.methods[name] = append(r.methods[name], method{d, f})
			}
		case *ast.GenDecl:
			r.indexSpecs(f, d)
		}
	}
}

func (r *reader) indexSpecs(f *File, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			r.add(&decl{file: f, ident: spec.Name, typ: spec})
		case *ast.ValueSpec:
			for i, name := range spec.Names {
				v := &decl{file: f, ident: name, val: spec, konst: d.Tok == token.CONST}
				if len(spec.Values) == len(spec.Names) {
					v.value = spec.Values[i]
				}
				r.add(v)
			}
		}
	}
}

// add records a declaration, unless nothing can refer to it.
func (r *reader) add(d *decl) {
	name := d.ident.Name
	if name == "_" || d.fn != nil && (name == "init" || name == "main" && r.Name == "main") {
		return
	}
	last := r.decls[name]
	if last == nil {
		r.decls[name] = d
		return
	}
	for last.next != nil {
		last = last.next
	}
	last.next = d
}

// A method is a method of a type, and the file that it is in.
type method struct {
	*ast.FuncDecl
	file *File
}

// methodsOf returns the methods of a type that are in some build with the file.
func (r *reader) methodsOf(name string, f *File) []*ast.FuncDecl {
	var all []*ast.FuncDecl
	for _, m := range r.methods[name] {
		if !m.file.Constraint.Excludes(f.Constraint) {
			all = append(all, m.FuncDecl)
		}
	}
	return all
}

// MethodNames returns the names of the methods that a type of the package declares, in
// some build with the file.
func (p *Package) MethodNames(typeName string, f *File) []string {
	var names []string
	for _, m := range p.methods[typeName] {
		if !m.file.Constraint.Excludes(f.Constraint) {
			names = append(names, m.Name.Name)
		}
	}
	return names
}

// receiver returns the name of the type that a method is declared on.
func receiver(fn *ast.FuncDecl) string {
	if len(fn.Recv.List) != 1 {
		return ""
	}
	id, _ := baseType(fn.Recv.List[0].Type).(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}
