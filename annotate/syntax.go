package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
)

// An answer is what syntax says to a question about types.
type answer int

const (
	no answer = iota
	yes
	unknown
)

// A typeKind is as much of a type's underlying type as matters here.
type typeKind int

const (
	otherType    typeKind = iota
	structType            // a struct
	contractType          // an interface or a function
	unknownType           // named in another package
)

// maxDepth bounds walks over declarations that may refer to each other in a circle.
const maxDepth = 32

// underlying follows the names of the package's own types, and returns the file
// that the result is in.
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

// typeNamed returns the type that a file knows by a name. It returns nil if there is none,
// or if builds that have the file have types of different kinds.
func (p *Package) typeNamed(name string, f *File) *decl {
	d := p.declared(name, f)
	if d == nil || d.typ == nil || p.decls[name].next != nil && !alike(p.declaredIn(name, f)) {
		return nil
	}
	return d
}

// alike reports whether a type is of one kind in all builds: a struct, a pointer or a func
// type each time, or else the same type in the same words.
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

// isSpec says whether a variable with the declared type and the value is a
// registry.Spec. Either may be nil.
func (r *reader) isSpec(typ, value ast.Expr) answer {
	if typ != nil {
		return toAnswer(r.specType(typ, r.file))
	}
	switch v := ast.Unparen(orNil(value)).(type) {
	case *ast.CompositeLit:
		return toAnswer(v.Type != nil && r.specType(v.Type, r.file))
	case *ast.CallExpr:
		if result, file := r.result(v); result != nil {
			return toAnswer(r.specType(result, file))
		}
		return unknown
	case *ast.UnaryExpr, *ast.FuncLit, *ast.BasicLit:
		return no
	}
	return unknown
}

// specType says whether a type is registry.Spec, or an alias of the package for it.
func (p *Package) specType(t ast.Expr, f *File) bool {
	if id, ok := ast.Unparen(t).(*ast.Ident); ok {
		if d := p.declared(id.Name, f); d != nil && d.typ != nil && d.typ.Assign.IsValid() {
			t, f = d.typ.Type, d.file
		}
	}
	return f.refersTo(t, RegistryPath, "Spec")
}

func toAnswer(b bool) answer {
	if b {
		return yes
	}
	return no
}

// result returns the only result of a call of a function of the package, and the
// file that the function is in. It is nil if that isn't known.
func (r *reader) result(call *ast.CallExpr) (ast.Expr, *File) {
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return only(lit.Type.Results), r.file
	}
	id, _ := ast.Unparen(call.Fun).(*ast.Ident)
	if id == nil {
		return nil, nil
	}
	if r.predeclared(id, "new") {
		return &ast.StarExpr{X: &ast.BadExpr{}}, r.file
	}
	var result ast.Expr
	var file *File
	for _, d := range r.declaredIn(id.Name, r.file) {
		if d.fn == nil || d.fn.Type.TypeParams != nil {
			return nil, nil
		}
		t := only(d.fn.Type.Results)
		if t == nil || result != nil && types.ExprString(t) != types.ExprString(result) {
			return nil, nil // not the same in all builds
		}
		result, file = t, d.file
	}
	return result, file
}

// only returns the type of the only field of a list, or nil.
func only(list *ast.FieldList) ast.Expr {
	if types := flatten(list); len(types) == 1 {
		return types[0]
	}
	return nil
}

// address says whether a variable's plugin is its address: it is for a struct,
// whose methods may have pointer receivers, and not for a pointer or an interface.
func (r *reader) address(typ, value ast.Expr) answer {
	if typ != nil {
		if a := r.addressOf(typ, r.file); a != unknown {
			return a
		}
	}
	switch v := ast.Unparen(orNil(value)).(type) {
	case *ast.UnaryExpr, *ast.FuncLit:
		return no // &T{...}, or an interface that holds it
	case *ast.CompositeLit:
		if typ == nil {
			if a := r.addressOf(v.Type, r.file); a != unknown {
				return a
			}
			return yes // of a type elsewhere, which can't be an interface
		}
	case *ast.CallExpr:
		if result, file := r.result(v); result != nil && typ == nil {
			return r.addressOf(result, file)
		}
	}
	return unknown
}

func (r *reader) addressOf(t ast.Expr, f *File) answer {
	t, _ = r.underlying(t, f)
	switch t := t.(type) {
	case *ast.StarExpr, *ast.InterfaceType, *ast.FuncType, *ast.MapType, *ast.ChanType:
		return no
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return unknown
	case *ast.Ident:
		switch {
		case t.Name == "error" || t.Name == "any":
			return no
		case types.Universe.Lookup(t.Name) == nil:
			return unknown
		}
	}
	return yes
}

// refersTo says whether the expression names an identifier of the package with
// the import path.
func (f *File) refersTo(e ast.Expr, path, name string) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return isIdent(ast.Unparen(e), name) && f.dotImports(path)
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && f.ImportPath(id.Name) == path
}

func (f *File) dotImports(path string) bool {
	return slices.ContainsFunc(f.Syntax.Imports, func(imp *ast.ImportSpec) bool {
		return isDot(imp) && imp.Path.Value == strconv.Quote(path)
	})
}

func (f *File) hasDotImport() bool { return slices.ContainsFunc(f.Syntax.Imports, isDot) }

func isDot(imp *ast.ImportSpec) bool { return imp.Name != nil && imp.Name.Name == "." }

// ImportPath returns the path of the import that the file knows by name, or ""
// if there is none or it can't be told. A path says what its package is called only by
// convention; [packageNames] knows the usual ones.
func (f *File) ImportPath(name string) string {
	if f.imports == nil {
		f.imports = importNames(f.Syntax)
	}
	return f.imports[name]
}

// importNames returns the paths of a file's imports by the names that the file knows them by.
// A path is "" where the name may be that of several.
func importNames(syntax *ast.File) map[string]string {
	paths, named := map[string]string{}, map[string]string{}
	for _, imp := range syntax.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			continue
		}
		if imp.Name != nil {
			if _, ok := named[imp.Name.Name]; !ok {
				named[imp.Name.Name] = path
			}
			continue
		}
		for _, name := range packageNames(path) {
			if _, ambiguous := paths[name]; ambiguous {
				paths[name] = ""
			} else {
				paths[name] = path
			}
		}
	}
	maps.Copy(paths, named)
	return paths
}

// majorVersion says whether a word is the last element of a path such as a/b/v2.
func majorVersion(word string) bool {
	digits, ok := strings.CutPrefix(word, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// packageNames returns the names that the package with the import path may have:
// the last element, but for a major version, and that without the decorations
// that identifiers can't have.
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

// A constValue is what a constant expression is in the builds that meet a constraint.
type constValue struct {
	text  string
	build builds.Constraint
}

// notConstant says of an expression that syntax does not tell what it is.
const notConstant = "not a string constant that can be read, the same in all builds of this file"

// maxConstants bounds the values that one expression can have in different builds, and
// maxConstant the length of each: a constant can be the sum of two others, and so on.
const (
	maxConstants = 64
	maxConstant  = 1 << 16
)

// constants evaluates a constant string expression of a file, and returns its values in
// the builds that meet the constraint and have the file. Constants of other packages are
// asked for. If one can't be told, constants returns why: what the expression is.
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
		if len(e.Args) == 1 && p.predeclared(e.Fun, "string") {
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

// in returns the file as it is in those of its builds that meet a constraint.
func (f *File) in(build builds.Constraint) *File {
	if build.String() == f.Constraint.String() {
		return f
	}
	g := *f
	g.Constraint = build
	return &g
}

// sums evaluates the concatenation of two constants, in those builds that have both.
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

// constantsNamed evaluates a constant of the package, which may be declared once for
// each of several builds.
func (p *Package) constantsNamed(name string, build builds.Constraint, imports Imports) ([]constValue, string) {
	key := name + " " + build.String()
	if known, ok := p.constantsOf[key]; ok {
		return known.values, known.why
	}
	if p.constantsOf == nil {
		p.constantsOf = map[string]constants{}
	}
	p.constantsOf[key] = constants{nil, notConstant} // if it refers to itself
	values, why := p.evaluate(name, build, imports)
	p.constantsOf[key] = constants{values, why}
	return values, why
}

// constants is what is known of a constant: its values, or why they are not known.
type constants struct {
	values []constValue
	why    string
}

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

// onlyText returns the text that all constants have, and whether there is one.
func onlyText(all []constValue) (string, bool) {
	for _, c := range all {
		if c.text != all[0].text {
			return "", false
		}
	}
	return all[0].text, true
}

// differing describes constants that are not all the same, as in "a" in linux, "b" in windows.
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

// A typeRef is a type as a file names it: of the package itself if path is "". If no
// import is known to be what qualifies the name, that is a part of the name.
type typeRef struct {
	path, name string
	file       *File
}

// qualifier returns what qualifies the name, if no import is known to be that.
func (t typeRef) qualifier() string {
	qualifier, _, found := strings.Cut(t.name, ".")
	if !found {
		return ""
	}
	return qualifier
}

// embeds returns the types that a struct embeds, as far as the syntax tells.
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

// typeRefs returns what the name of a type, or of a pointer to one, may refer to:
// one type, none if that isn't known, or several if it can be from any dot import.
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
