package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
)

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
