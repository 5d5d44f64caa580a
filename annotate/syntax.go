package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/annotate/internal/importname"
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
		f.imports = importname.Of(f.Syntax)
	}
	return f.imports[name]
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

// IsContext reports whether a type is context.Context, as far as syntax shows: an alias may
// be, too.
func (f *File) IsContext(t ast.Expr) bool { return f.refersTo(t, "context", "Context") }

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

// An answer is what syntax tells of a condition on types.
type answer int

const (
	no answer = iota
	yes
	unknown
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// orNil returns e, or if it is nil an expression that is of no kind.
func orNil(e ast.Expr) ast.Expr {
	if e == nil {
		return &ast.BadExpr{}
	}
	return e
}

// Predeclared reports whether an expression is a predeclared identifier of Go that the
// package does not redeclare.
func (p *Package) Predeclared(e ast.Expr, name string) bool {
	return isIdent(ast.Unparen(e), name) && p.decls[name] == nil
}

// A typeKind is a class of underlying types.
type typeKind int

const (
	otherType    typeKind = iota
	structType            // a struct
	contractType          // an interface or a function
	unknownType           // named in another package
)

// maxDepth bounds how many type names are followed: invalid code can have cycles.
const maxDepth = 32

// underlying follows the names of types of the package to a type that has no name, or
// is of another package. It returns that type and the file that it is in.
func (p *Package) underlying(t ast.Expr, f *File) (ast.Expr, *File) {
	for range maxDepth {
		t = ast.Unparen(t)
		id, _ := t.(*ast.Ident)
		switch t.(type) {
		case *ast.IndexExpr, *ast.IndexListExpr:
			id, _ = baseType(t).(*ast.Ident)
		}
		if id == nil {
			break
		}
		d := p.typeNamed(id.Name, f)
		if d == nil {
			break
		}
		t, f = d.typ.Type, d.file
	}
	return t, f
}

// typeNamed returns the declaration of a type. It returns nil if there is none, or if
// it is of different kinds in builds that include the file.
func (p *Package) typeNamed(name string, f *File) *decl {
	d := p.declared(name, f)
	if d == nil || d.typ == nil || p.decls[name].next != nil && !alike(p.declaredIn(name, f)) {
		return nil
	}
	return d
}

// alike reports whether declarations of a type, for different builds, are of one kind: all
// structs, all pointers, all func types, or all the same type expression.
func alike(decls []*decl) bool {
	kind := func(d *decl) string {
		if d.typ == nil {
			return ""
		}
		switch t := ast.Unparen(d.typ.Type).(type) {
		case *ast.StructType:
			return "struct"
		case *ast.StarExpr:
			return "pointer"
		case *ast.FuncType:
			return "func"
		default:
			return types.ExprString(t)
		}
	}
	return !slices.ContainsFunc(decls, func(d *decl) bool { return kind(d) != kind(decls[0]) })
}

// kindOf returns the kind of a type.
func (p *Package) kindOf(t ast.Expr, f *File) typeKind {
	t, _ = p.underlying(t, f)
	switch t := t.(type) {
	case *ast.StructType:
		return structType
	case *ast.InterfaceType, *ast.FuncType:
		return contractType
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return unknownType
	case *ast.Ident:
		switch {
		case t.Name == "error" || t.Name == "any":
			return contractType
		case types.Universe.Lookup(t.Name) == nil:
			return unknownType // from a dot import
		}
	}
	return otherType
}

// specType reports whether a type is registry.Spec, or an alias of it in the package.
func (p *Package) specType(t ast.Expr, f *File) bool {
	if id, ok := ast.Unparen(t).(*ast.Ident); ok {
		if d := p.declared(id.Name, f); d != nil && d.typ != nil && d.typ.Assign.IsValid() {
			t, f = d.typ.Type, d.file
		}
	}
	return f.refersTo(t, RegistryPath, "Spec")
}

// qualifier returns the qualifier in the name, or "".
func (t typeRef) qualifier() string {
	qualifier, _, found := strings.Cut(t.name, ".")
	if !found {
		return ""
	}
	return qualifier
}

// embeds returns the types that a struct embeds, as far as syntax tells.
func (p *Package) embeds(t ast.Expr, f *File) []typeRef {
	t, f = p.underlying(t, f)
	s, ok := t.(*ast.StructType)
	if !ok {
		return nil
	}
	var refs []typeRef
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 {
			refs = append(refs, p.typeRefs(field.Type, f)...)
		}
	}
	return refs
}

// typeRefs returns the types that the name of a type, or of a pointer to one, may refer
// to: one, none if syntax does not tell, or one for each dot import.
func (p *Package) typeRefs(t ast.Expr, f *File) []typeRef {
	switch t := baseType(t).(type) {
	case *ast.SelectorExpr:
		if id, ok := t.X.(*ast.Ident); ok {
			if path := f.ImportPath(id.Name); path != "" {
				return []typeRef{{path, t.Sel.Name, f}}
			}
			return []typeRef{{"", id.Name + "." + t.Sel.Name, f}}
		}
	case *ast.Ident:
		if p.decls[t.Name] != nil {
			return []typeRef{{"", t.Name, f}}
		}
		var refs []typeRef
		for _, imp := range f.Syntax.Imports {
			if path, err := strconv.Unquote(imp.Path.Value); err == nil && isDot(imp) {
				refs = append(refs, typeRef{path, t.Name, f})
			}
		}
		return refs
	}
	return nil
}

// notConstant is the reason why the value of an expression is unknown, unless there is a
// more precise one.
const notConstant = "not a string constant with one known value in all builds of this file"

// maxConstants bounds the number of values that an expression can have in different
// builds, and maxConstant the length of each, since sums of sums grow exponentially.
const (
	maxConstants = 64
	maxConstant  = 1 << 16
)

// constants returns the values of a string expression of a file, in builds that meet the
// constraint and include the file. If they are unknown, it returns the reason, which
// completes the sentence "the expression is ...".
func (p *Package) constants(e ast.Expr, f *File, build builds.Constraint, imports Imports) ([]constValue, string) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return []constValue{{s, build}}, ""
		}
	case *ast.ParenExpr:
		return p.constants(e.X, f, build, imports)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return p.sums(e, f, build, imports)
		}
	case *ast.CallExpr: // a conversion, as of a constant of a type of its own
		if len(e.Args) == 1 && p.Predeclared(e.Fun, "string") {
			return p.constants(e.Args[0], f, build, imports)
		}
	case *ast.Ident:
		return p.constantsNamed(e.Name, build, imports)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok && imports != nil {
			if path := f.ImportPath(id.Name); path != "" {
				if s, ok := imports.Constant(f.in(build), path, e.Sel.Name); ok {
					return []constValue{{s, build}}, ""
				}
			}
		}
	}
	return nil, notConstant
}

// sums returns the values of a concatenation, in builds in which both operands have one.
func (p *Package) sums(e *ast.BinaryExpr, f *File, build builds.Constraint, imports Imports) ([]constValue, string) {
	left, why := p.constants(e.X, f, build, imports)
	if why != "" {
		return nil, why
	}
	right, why := p.constants(e.Y, f, build, imports)
	if why != "" {
		return nil, why
	}
	var all []constValue
	for _, x := range left {
		for _, y := range right {
			if len(x.text)+len(y.text) > maxConstant {
				return nil, notConstant
			}
			if !x.build.Excludes(y.build) {
				all = append(all, constValue{x.text + y.text, x.build.And(y.build)})
			}
		}
	}
	if len(all) > maxConstants {
		return nil, notConstant
	}
	return all, ""
}

// constantsNamed returns the values of a constant of the package, which can have a
// declaration for each of several builds.
func (p *Package) constantsNamed(name string, build builds.Constraint, imports Imports) ([]constValue, string) {
	if p.decls[name] == nil {
		return nil, notConstant
	}
	key := name + " " + build.String()
	if cached, ok := p.constantsOf[key]; ok {
		return cached.values, cached.why
	}
	if p.constantsOf == nil {
		p.constantsOf = map[string]constants{}
	}
	p.constantsOf[key] = constants{nil, notConstant} // while it is evaluated: it may refer to itself
	values, why := p.evaluate(name, build, imports)
	p.constantsOf[key] = constants{values, why}
	return values, why
}

// evaluate is constantsNamed without a cache.
func (p *Package) evaluate(name string, build builds.Constraint, imports Imports) ([]constValue, string) {
	var all []constValue
	var declared []builds.Constraint
	for _, d := range p.allDeclared(name, build) {
		if !d.konst || d.value == nil {
			return nil, notConstant
		}
		found, why := p.constants(d.value, d.file, build.And(d.file.Constraint), imports)
		if why != "" {
			return nil, why
		}
		all, declared = append(all, found...), append(declared, d.file.Constraint)
	}
	switch {
	case len(all) == 0 || len(all) > maxConstants:
		return nil, notConstant
	case !build.Implies(declared):
		return nil, "declared only in " + showBuilds(declared...)
	}
	return all, ""
}

// onlyText returns the text of constants, and whether all have the same.
func onlyText(all []constValue) (string, bool) {
	for _, c := range all {
		if c.text != all[0].text {
			return "", false
		}
	}
	return all[0].text, true
}

// differing describes constants with different values, for messages.
func differing(all []constValue) string {
	var texts []string
	seen := map[string]bool{}
	for _, c := range all {
		if !seen[c.text] && len(texts) < 5 {
			texts = append(texts, fmt.Sprintf("%q in %s", c.text, showBuilds(c.build)))
		}
		seen[c.text] = true
	}
	return strings.Join(texts, ", ")
}

// showBuilds describes the builds that meet any of the constraints.
func showBuilds(constraints ...builds.Constraint) string {
	var texts []string
	for _, c := range constraints {
		if c.String() == "" {
			return "every build"
		}
		texts = append(texts, "("+c.String()+")")
	}
	return "builds for " + strings.Join(texts, " or ")
}
