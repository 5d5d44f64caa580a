package annotate

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/rules"
)

// NewFile returns a File with the build constraint that its name and syntax imply. The
// syntax must have been parsed with comments, into fset.
func NewFile(fset *token.FileSet, name string, syntax *ast.File) *File {
	source := fset.File(syntax.FileStart)
	return &File{
		Name: name, Syntax: syntax, Constraint: builds.OfFile(source, name, syntax),
		source: source, generated: ast.IsGenerated(syntax),
	}
}

// IsGenerated reports whether the file says that a tool wrote it. It is not about plugingen, whose
// files are not read.
func (f *File) IsGenerated() bool { return f.generated }

// span returns the span of a node, cut at the end of the file: a node with syntax errors
// can extend beyond it.
func (f *File) span(n ast.Node) Span {
	end := token.Pos(f.source.Base() + f.source.Size())
	return Span{min(n.Pos(), end), min(n.End(), end)}
}

func (f *File) line(p token.Pos) int { return f.source.PositionFor(p, false).Line }

func (f *File) test() bool { return rules.IsTestFile(f.Name) }

// declsFrom returns the declarations that end behind pos. The first may begin before it.
func (f *File) declsFrom(pos token.Pos) []ast.Decl {
	decls := f.Syntax.Decls
	return decls[sort.Search(len(decls), func(i int) bool { return decls[i].End() > pos }):]
}

// inFunc reports whether pos is inside a function declaration.
func (f *File) inFunc(pos token.Pos) bool {
	decls := f.declsFrom(pos)
	if len(decls) == 0 {
		return false
	}
	fn, ok := decls[0].(*ast.FuncDecl)
	return ok && fn.Pos() <= pos
}

// topLevel reports whether pos is outside all declarations, or in the doc comment of a
// declaration in parentheses.
func (f *File) topLevel(pos token.Pos) bool {
	decls := f.declsFrom(pos)
	if len(decls) == 0 || decls[0].Pos() > pos {
		return true
	}
	group, ok := decls[0].(*ast.GenDecl)
	return ok && slices.ContainsFunc(group.Specs, func(s ast.Spec) bool {
		doc := docOfSpec(s)
		return doc != nil && doc.Pos() <= pos && pos < doc.End()
	})
}

func docOfSpec(s ast.Spec) *ast.CommentGroup {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc
	case *ast.ValueSpec:
		return s.Doc
	}
	return nil
}

// firstOnLine returns the first of the first n declarations that ends on the line of pos,
// which is behind them, or nil.
func (f *File) firstOnLine(n int, pos token.Pos) (first ast.Decl) {
	for _, d := range slices.Backward(f.Syntax.Decls[:n]) {
		if f.line(d.End()) != f.line(pos) {
			break
		}
		first = d
	}
	return first
}

func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// ImportPath returns the path of the import that has a name in the file, or "" if there
// is none or syntax does not tell. The name of an import without one is inferred from its
// path, by the usual conventions; so is that of an import as _, which directives can
// refer to though Go code can't.
func (f *File) ImportPath(name string) string {
	if f.imports == nil {
		f.imports = importNames(f.Syntax)
	}
	return f.imports[name]
}

// importNames returns the paths of a file's imports by name. A path is "" if the name may
// be that of several imports.
func importNames(syntax *ast.File) map[string]string {
	blank, inferred, named := map[string]string{}, map[string]string{}, map[string]string{}
	for _, imp := range syntax.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		switch {
		case err != nil:
		case imp.Name == nil:
			addNames(inferred, path)
		case imp.Name.Name == "_":
			addNames(blank, path)
		case named[imp.Name.Name] == "":
			named[imp.Name.Name] = path
		}
	}
	maps.Copy(blank, inferred)
	maps.Copy(blank, named)
	return blank
}

// addNames adds a path under the names that its package may have.
func addNames(paths map[string]string, path string) {
	for _, name := range packageNames(path) {
		if _, ambiguous := paths[name]; ambiguous {
			paths[name] = ""
		} else {
			paths[name] = path
		}
	}
}

// packageNames returns the names that the package with an import path may have: the last
// element that is not a major version, with and without what identifiers can't contain.
func packageNames(path string) []string {
	elems := strings.Split(path, "/")
	last := elems[len(elems)-1]
	names := []string{last}
	if majorVersion(last) && len(elems) > 1 {
		last = elems[len(elems)-2]
		names = append(names, last)
	}
	if base, version, ok := strings.Cut(last, ".v"); ok && majorVersion("v"+version) {
		last = base
	}
	plain := strings.TrimSuffix(strings.TrimPrefix(last, "go-"), "-go")
	plain = strings.TrimSuffix(plain, ".go")
	for _, n := range []string{last, plain, strings.ReplaceAll(plain, "-", ""), strings.ReplaceAll(plain, "-", "_")} {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// majorVersion reports whether a word is a major version, as in a/b/v2.
func majorVersion(word string) bool {
	digits, ok := strings.CutPrefix(word, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func (f *File) dotImports(path string) bool {
	return slices.ContainsFunc(f.Syntax.Imports, func(imp *ast.ImportSpec) bool {
		return isDot(imp) && imp.Path.Value == strconv.Quote(path)
	})
}

func (f *File) hasDotImport() bool { return slices.ContainsFunc(f.Syntax.Imports, isDot) }

func isDot(imp *ast.ImportSpec) bool { return imp.Name != nil && imp.Name.Name == "." }

// refersTo reports whether an expression refers to a name of the package with an import
// path.
func (f *File) refersTo(e ast.Expr, path, name string) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return isIdent(ast.Unparen(e), name) && f.dotImports(path)
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && f.ImportPath(id.Name) == path
}

// qualified returns the import path and the name of a type of another package, or "" if
// syntax does not tell.
func (f *File) qualified(t ast.Expr) (path, name string) {
	sel, ok := baseType(t).(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return f.ImportPath(id.Name), sel.Sel.Name
}

// in returns the file with another constraint.
func (f *File) in(build builds.Constraint) *File {
	if build.String() == f.Constraint.String() {
		return f
	}
	g := *f
	g.Constraint = build
	return &g
}

// baseType strips pointers, parentheses and type arguments from a type.
func baseType(t ast.Expr) ast.Expr {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return t
		}
	}
}

// isIdent reports whether an expression is the identifier.
func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// what returns the kind of declaration, for messages.
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

// signature returns the type of a function, or the kind of another declaration, for
// messages.
func (d *decl) signature() string {
	if d.fn == nil {
		return d.what()
	}
	return types.ExprString(d.fn.Type)
}

// declared returns the declaration of a name, or nil. If there are several, for different
// builds, it returns one that is in some build with the file, preferably in the file.
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

// declaredIn returns the declarations of a name in builds that include a file: several
// if they are for different builds.
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

// allDeclared returns the declarations of a name that are in some build that meets the
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

// MethodNames returns the names of the methods that are declared on a type of the
// package, in some build that includes the file.
func (p *Package) MethodNames(typeName string, f *File) []string {
	var names []string
	for _, m := range p.methods[typeName] {
		if !m.file.Constraint.Excludes(f.Constraint) {
			names = append(names, m.Name.Name)
		}
	}
	return names
}

// receiver returns the name of the type that a method is declared on, or "".
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

// Method returns a method that is declared on a type, in some build that includes the file,
// or nil.
func (p *Package) Method(typeName, name string, from *File) *Method {
	for _, m := range p.methods[typeName] {
		if m.Name.Name == name && !m.file.Constraint.Excludes(from.Constraint) {
			found := m.asMethod()
			return &found
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
