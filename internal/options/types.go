package options

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// A scope is where a type is written: what its names mean.
type scope struct {
	pkg    *source.Package
	file   *annotate.File
	params map[string]typeExpr // what type parameters stand for
}

// A typeExpr is a type as it is written in a scope.
type typeExpr struct {
	expr ast.Expr
	*scope
}

// typeHints are what is known of the type of a field besides the type itself: what its tag says.
type typeHints struct {
	as        string // the value of the key as
	namespace string // the value of the key plugin
	naming    string // the struct tags that name the options of nested structs
	explicit  bool   // it has the key option
	embedded  bool   // the field is embedded, and its options are those of the struct
}

// A typeError is why a field of a type can't be an option.
type typeError struct {
	message   string // says it behind a colon, as in "can't be an option: "
	unsure    bool   // something could not be read: nothing is to be reported
	foreign   bool   // the type is of another module, and not known
	mayBeText bool   // the type may have the method UnmarshalText, which syntax does not tell
}

func typeErrorf(format string, args ...any) *typeError {
	return &typeError{message: fmt.Sprintf(format, args...)}
}

var unknownType = &typeError{unsure: true}

// maxDepth bounds how many type names are followed: invalid code can have cycles.
const maxDepth = 100

// maxInstances bounds how often generic types are instantiated. Those that contain themselves
// with other type arguments, which is invalid, would never end.
const maxInstances = 1000

// MaxArray bounds the length of an array: a configuration has all its items.
const MaxArray = 1 << 20

// typeOf returns the type of an option.
func (r *reader) typeOf(e ast.Expr, s *scope, h typeHints) (*Type, *typeError) {
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return nil, typeErrorf("it is nested too deeply")
	}
	defer func() { r.depth-- }()
	t, why := r.kindOf(e, s, h)
	if why != nil {
		return nil, why
	}
	if t.Go.IsZero() {
		var ok bool
		if t.Go, ok = r.goType(e, s); !ok {
			return nil, typeErrorf("syntax does not tell what %s is: give imports names, as in import name \"...\"",
				types.ExprString(e))
		}
	}
	return t, nil
}

// kindOf is typeOf, but may leave Go empty.
func (r *reader) kindOf(e ast.Expr, s *scope, h typeHints) (*Type, *typeError) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.typeOf(e.X, s, h)
	case *ast.StarExpr:
		return r.pointer(e, s, h)
	case *ast.ArrayType:
		return r.list(e, s, h)
	case *ast.MapType:
		return r.mapOf(e, s, h)
	case *ast.InterfaceType:
		return r.interfaceType(e, h, "")
	case *ast.StructType:
		return nil, typeErrorf("it is a struct without a name: declare a type for it")
	case *ast.FuncType:
		return nil, typeErrorf("it is a function")
	case *ast.ChanType:
		return nil, typeErrorf("it is a channel")
	case *ast.Ident:
		return r.ident(e, nil, s, h)
	case *ast.SelectorExpr:
		return r.selector(e, nil, s, h)
	case *ast.IndexExpr:
		return r.instance(e.X, []ast.Expr{e.Index}, s, h)
	case *ast.IndexListExpr:
		return r.instance(e.X, e.Indices, s, h)
	}
	return nil, typeErrorf("syntax does not tell its type")
}

func (r *reader) instance(generic ast.Expr, args []ast.Expr, s *scope, h typeHints) (*Type, *typeError) {
	var list []typeExpr
	for _, a := range args {
		list = append(list, typeExpr{a, s})
	}
	switch x := ast.Unparen(generic).(type) {
	case *ast.Ident:
		return r.ident(x, list, s, h)
	case *ast.SelectorExpr:
		return r.selector(x, list, s, h)
	}
	return nil, typeErrorf("syntax does not tell its type")
}

func (r *reader) pointer(e *ast.StarExpr, s *scope, h typeHints) (*Type, *typeError) {
	if c, ok := r.contract(e.X, s); ok && c.Pointer {
		return &Type{Kind: Plugin, Namespace: c.Namespace}, nil
	}
	elem, why := r.typeOf(e.X, s, h)
	if why != nil {
		return nil, why
	}
	switch elem.Kind {
	case Pointer:
		return nil, typeErrorf("it is a pointer to a pointer")
	case Any, Tree, Plugin:
		return nil, typeErrorf("it is a pointer to %s: leave out the *", types.ExprString(e.X))
	}
	return &Type{Kind: Pointer, Elem: elem}, nil
}

func (r *reader) list(e *ast.ArrayType, s *scope, h typeHints) (*Type, *typeError) {
	elem, why := r.typeOf(e.Elt, s, h)
	if why != nil {
		return nil, why
	}
	if elem.Kind == Uint && elem.Bits == 8 && e.Len == nil && h.as == "" {
		return nil, typeErrorf("whether a list of bytes is written as numbers or as text is not said: use a string, " +
			"[]uint16, or a type with UnmarshalText")
	}
	if e.Len == nil {
		return &Type{Kind: List, Elem: elem}, nil
	}
	n, ok := r.constant(e.Len, s)
	if !ok {
		return nil, typeErrorf("the length of the array is not known from syntax: write a number, or use a slice")
	}
	length, exact := constant.Int64Val(constant.ToInt(n))
	if !exact || length < 0 || length > MaxArray {
		return nil, typeErrorf("the length of the array, %s, is not one that a configuration has", n)
	}
	return &Type{Kind: Array, Elem: elem, Len: int(length)}, nil
}

func (r *reader) mapOf(e *ast.MapType, s *scope, h typeHints) (*Type, *typeError) {
	key, why := r.typeOf(e.Key, s, typeHints{})
	if why != nil && why.unsure {
		return nil, why
	}
	if why != nil || key.Kind != String {
		return nil, typeErrorf("it is a map whose keys are %s: the keys of a table are "+
			"strings", types.ExprString(e.Key))
	}
	elem, why := r.typeOf(e.Value, s, h)
	if why != nil {
		return nil, why
	}
	return &Type{Kind: Map, Elem: elem, Key: key.Go}, nil
}

// interfaceType returns the type of an interface, that of a name if it has one.
func (r *reader) interfaceType(e *ast.InterfaceType, h typeHints, name string) (*Type, *typeError) {
	switch {
	case name == "" && e.Methods.NumFields() > 0:
		return nil, typeErrorf("it is an interface without a name: declare a type for it")
	case h.namespace != "":
		return &Type{Kind: Plugin, Namespace: h.namespace}, nil
	case e.Methods.NumFields() > 0:
		return nil, typeErrorf("it is an interface, and not known to be the contract of a namespace: " +
			"if the value is a plugin, write plugin= and the namespace")
	case name != "":
		return nil, typeErrorf("%s is an interface: write any", name)
	}
	return &Type{Kind: Any}, nil
}

// ident returns the type that an identifier stands for, with type arguments if it is generic.
func (r *reader) ident(id *ast.Ident, args []typeExpr, s *scope, h typeHints) (*Type, *typeError) {
	if arg, ok := s.params[id.Name]; ok {
		return r.typeOf(arg.expr, arg.scope, h)
	}
	if about := s.pkg.About(id.Name); len(about.Types(id.Name, s.file)) > 0 {
		return r.declared(id.Name, args, s.pkg, s.file, h)
	}
	if t, ok := basics[id.Name]; ok && id.Name != "duration" {
		return r.as(t, h, id.Name)
	}
	if id.Name == "any" {
		return r.interfaceType(&ast.InterfaceType{Methods: &ast.FieldList{}}, h, "")
	}
	if types.Universe.Lookup(id.Name) != nil {
		return nil, typeErrorf("%s is no type of a configuration's values", id.Name)
	}
	if path := r.dotImport(id.Name, s.file); path != "" {
		return r.qualified(path, id.Name, args, s.file, h)
	}
	return nil, typeErrorf("%s is not declared in this package", id.Name)
}

// dotImport returns the path of the package that declares a name and that a file imports as a
// dot, or "". One of another module is only assumed to if there is no other.
func (r *reader) dotImport(name string, f *annotate.File) string {
	perhaps := ""
	for _, path := range f.DotImports() {
		pkg := r.imports.Package(path)
		switch {
		case pkg != nil:
			if pkg.About(name).Has(name) {
				return path
			}
		case rules.IsStandard(path):
			if standardKind(path, name) != "" {
				return path
			}
		default:
			perhaps = path
		}
	}
	return perhaps
}

func (r *reader) selector(e *ast.SelectorExpr, args []typeExpr, s *scope, h typeHints) (*Type, *typeError) {
	id, ok := e.X.(*ast.Ident)
	if !ok {
		return nil, typeErrorf("syntax does not tell its type")
	}
	path := s.file.ImportPath(id.Name)
	if path == "" {
		return nil, typeErrorf("no import of this file is known to be called %s: write its name "+
			"before its path, as in import %s \"...\"", id.Name, id.Name)
	}
	return r.qualified(path, e.Sel.Name, args, s.file, h)
}

// configPath is the import path of package config.
const configPath = annotate.RegistryPath + "/config"

// qualified returns a type of another package, as a file refers to it.
func (r *reader) qualified(path, name string, args []typeExpr, from *annotate.File, h typeHints) (*Type, *typeError) {
	switch {
	case path == configPath && name == "Value":
		return &Type{Kind: Tree}, nil
	case path == annotate.RegistryPath:
		return nil, typeErrorf("registry.%s is no type of a configuration's values", name)
	}
	pkg := r.imports.Package(path)
	if pkg != nil {
		if len(pkg.About(name).Types(name, from)) == 0 {
			return nil, unknownType
		}
		return r.declared(name, args, pkg, from, h)
	}
	if rules.IsStandard(path) {
		return r.standard(path, name, h)
	}
	f, known := r.imports.Foreign(path, name)
	switch {
	case f.Namespace != "":
		return &Type{Kind: Plugin, Namespace: f.Namespace}, nil
	case f.Options && h.as == "":
		return &Type{Kind: Table, Struct: r.foreign(path, name, f)}, nil
	case h.as != "":
		t := words[h.as]
		t.As = true
		return &t, nil
	case h.namespace != "":
		return &Type{Kind: Plugin, Namespace: h.namespace}, nil
	case !known:
		return nil, unknownType
	}
	why := typeErrorf("%s.%s is of another module, and syntax does not tell what it is: add as=text "+
		"if it has the method UnmarshalText, or as=string, as=int, ... for its underlying type; a "+
		"struct needs //plugin:options in its own module", path, name)
	why.foreign, why.mayBeText = true, true
	return nil, why
}

// standard returns a type of the standard library.
func (r *reader) standard(path, name string, h typeHints) (*Type, *typeError) {
	entry := standardKind(path, name)
	kind, number, _ := strings.Cut(entry, ":")
	full := path + "." + name
	switch {
	case kind == "text":
		return r.as(Type{Kind: Text, Number: basics[number].Kind, under: basic(number), standard: full}, h, full)
	case kind == "binary":
		return r.as(Type{Kind: Binary, standard: full}, h, full)
	case kind != "":
		return r.as(basics[kind], h, full)
	case h.as != "":
		t := words[h.as]
		t.As = true
		return &t, nil
	case h.namespace != "":
		return &Type{Kind: Plugin, Namespace: h.namespace}, nil
	case path == "encoding/json" && name == "RawMessage":
		return &Type{Kind: RawJSON}, nil
	case path == "net/url" && name == "Values", path == "net/http" && name == "Header":
		text := &Type{Kind: String, Go: mustType("string", nil)}
		return &Type{
			Kind: Map, Key: text.Go,
			Elem: &Type{Kind: List, Elem: text, Go: mustType("[]string", nil)},
		}, nil
	}
	why := typeErrorf("%s is not a type that plugingen knows: use another, or add as=text if it has the method "+
		"UnmarshalText, or as=string, as=int, ... for its underlying type", full)
	why.mayBeText = true
	return nil, why
}

func mustType(text string, imports map[string]string) code.Type {
	t, err := code.ParseType(text, imports)
	if err != nil {
		panic(err) // the text is a constant
	}
	return t
}

// as returns a type that is known as the key as wants it.
func (r *reader) as(t Type, h typeHints, name string) (*Type, *typeError) {
	if h.as == "" {
		return &t, nil
	}
	want := words[h.as]
	under := t
	if t.Kind == Text && t.under != nil {
		under = *t.under
	}
	switch {
	case want.Kind == t.Kind:
		return &t, nil
	case want.Kind == under.Kind:
		return &under, nil
	case want.Kind == Text || want.Kind == Duration && under.Kind == Int && under.Bits == 64:
		want.As, want.under = true, &t
		if t.Kind == Int || t.Kind == Uint || t.Kind == Float || t.Kind == Duration {
			want.Number = t.Kind
		}
		return &want, nil
	}
	return nil, typeErrorf("as=%s does not fit: %s is %s", h.as, name, under.Kind)
}

// declared returns a type that a package declares.
func (r *reader) declared(
	name string, args []typeExpr, pkg *source.Package, from *annotate.File, h typeHints,
) (*Type, *typeError) {
	about := pkg.About(name)
	decls := about.Types(name, from)
	if c, ok := contractOf(about, name); ok && !c.Pointer {
		return &Type{Kind: Plugin, Namespace: c.Namespace}, nil
	}
	if ok, where := about.Everywhere(name, from); !ok || len(decls) > 1 && !sameText(decls) {
		if len(decls) > 1 {
			return nil, typeErrorf("%s is not the same type in all builds that have the field: "+
				"declare it in a file without build constraint", name)
		}
		return nil, typeErrorf("%s is declared only in %s: declare it in all builds that have the field", name, where)
	}
	d := decls[0]
	s := &scope{pkg: pkg, file: d.File, params: paramsOf(d.TypeParams, args)}
	if r.instances += min(1, len(args)); r.instances > maxInstances {
		return nil, typeErrorf("it is nested too deeply")
	}
	if n := d.TypeParams.NumFields(); n != len(args) {
		return nil, typeErrorf("%s has %d type parameters, and is given %d type arguments", name, n, len(args))
	}
	if d.Assign.IsValid() {
		return r.typeOf(d.Type, s, h)
	}
	if pkg != r.pkg && !token.IsExported(name) && r.suppressed == 0 && !h.embedded {
		return nil, typeErrorf("%s.%s is not exported, and other packages can't name it: export it, "+
			"or write //plugin:options above the struct of its package that is used", pkg.Name, name)
	}
	if h.as != "text" {
		if m := about.Method(name, "UnmarshalText", from); m != nil && h.as == "" {
			return r.textual(d, s, m)
		}
	}
	_, isStruct := ast.Unparen(d.Type).(*ast.StructType)
	decodes := decoders[h.naming] != "" && !h.explicit && h.as == "" &&
		about.Method(name, decoders[h.naming], from) != nil
	switch {
	case isStruct && !decodes:
		return r.table(d, args, s, h)
	case !isStruct:
		t, why := r.named(d, s, h)
		if why != nil || !decodes || t.Kind == Duration { // which the method reads as we do
			return t, why
		}
	}
	return nil, typeErrorf("%s has the method %s, which is not called: what it does can be done by "+
		"SetDefaults and Validate, or by UnmarshalText if the value is one text; add "+
		"`plugin:\"option\"` to the field if that is so", name, decoders[h.naming])
}

// sameText reports whether the declarations of a type, for different builds, are written alike.
func sameText(decls []annotate.TypeDecl) bool {
	return !slices.ContainsFunc(decls, func(d annotate.TypeDecl) bool {
		_, isStruct := ast.Unparen(d.Type).(*ast.StructType)
		return isStruct || types.ExprString(d.Type) != types.ExprString(decls[0].Type)
	})
}

// textual returns the type of a declaration with the method UnmarshalText.
func (r *reader) textual(d annotate.TypeDecl, s *scope, m *annotate.Method) (*Type, *typeError) {
	if !isTextMethod(s, m.Type) {
		return nil, typeErrorf("the method UnmarshalText of %s has another signature: write func "+
			"(*%s) UnmarshalText([]byte) error", d.Name.Name, d.Name.Name)
	}
	t := &Type{Kind: Text}
	if _, ok := ast.Unparen(d.Type).(*ast.StructType); ok {
		return t, nil
	}
	if under, why := r.underlying(d.Type, s, typeHints{}); why == nil {
		t.under = under
		switch under.Kind {
		case Int, Uint, Float, Duration:
			t.Number = under.Kind
		}
	}
	return t, nil
}

// isTextMethod reports whether a function may be func([]byte) error.
func isTextMethod(s *scope, fn *ast.FuncType) bool {
	if fn.Params.NumFields() != 1 || fn.Results.NumFields() != 1 {
		return false
	}
	list, ok := ast.Unparen(fn.Params.List[0].Type).(*ast.ArrayType)
	return ok && list.Len == nil && isByte(s, list.Elt) && isPredeclared(s.pkg, fn.Results.List[0].Type, "error")
}

// isByte reports whether a type may be byte: an alias may stand for it.
func isByte(s *scope, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if decls := s.pkg.About(e.Name).Types(e.Name, s.file); len(decls) > 0 {
			return decls[0].Assign.IsValid()
		}
		return e.Name == "byte" || e.Name == "uint8"
	case *ast.SelectorExpr:
		return true
	}
	return false
}

// isPredeclared reports whether an expression is a predeclared identifier that no file of the
// package redeclares.
func isPredeclared(p *source.Package, e ast.Expr, name string) bool {
	return p.About(name).Predeclared(e, name)
}

// underlying returns the type that underlies one, without its methods.
func (r *reader) underlying(e ast.Expr, s *scope, h typeHints) (*Type, *typeError) {
	t, why := r.typeOf(e, s, typeHints{naming: h.naming})
	if why != nil {
		return nil, why
	}
	if t.Kind == Text {
		if t.under == nil {
			return nil, typeErrorf("it is declared as %s, whose methods it does not have: give it "+
				"UnmarshalText, or use that type", types.ExprString(e))
		}
		return t.under, nil
	}
	return t, nil
}

// named returns the type of a declaration that is no struct and has no UnmarshalText.
func (r *reader) named(d annotate.TypeDecl, s *scope, h typeHints) (*Type, *typeError) {
	name := d.Name.Name
	if i, ok := ast.Unparen(d.Type).(*ast.InterfaceType); ok {
		return r.interfaceType(i, h, name)
	}
	if _, ok := ast.Unparen(d.Type).(*ast.FuncType); ok && h.namespace != "" {
		return &Type{Kind: Plugin, Namespace: h.namespace}, nil
	}
	if h.as == "text" {
		return r.as(Type{Kind: Text}, h, name)
	}
	t, why := r.underlying(d.Type, s, h)
	if why != nil {
		return nil, why
	}
	u := *t
	u.Go = code.Type{}
	switch u.Kind {
	case Table:
		return nil, typeErrorf("%s is declared as %s, and fields are not found through that: declare "+
			"it as a struct, or use that type", name, types.ExprString(d.Type))
	case Pointer, Any, Tree, Plugin, Binary:
		return nil, typeErrorf("%s is declared as %s: use that type", name, types.ExprString(d.Type))
	case Bool, String, Int, Uint, Float, Duration:
		return r.as(u, h, name)
	}
	return &u, nil
}

// table returns the type of a struct.
func (r *reader) table(d annotate.TypeDecl, args []typeExpr, s *scope, h typeHints) (*Type, *typeError) {
	if h.as != "" {
		if h.as != "text" {
			return nil, typeErrorf("as=%s does not fit: %s is a struct", h.as, d.Name.Name)
		}
		return &Type{Kind: Text, As: true}, nil
	}
	if c, ok := contractOf(s.pkg.About(d.Name.Name), d.Name.Name); ok && c.Pointer {
		return nil, typeErrorf("%s is the contract of %s: write *%s", d.Name.Name, c.Namespace, d.Name.Name)
	}
	st := r.structOf(d, args, s, h.naming)
	if !st.hasOptions() && !st.reading && !st.broken && !st.Shared {
		if st.noOptions == nil {
			st.noOptions = unknownType // for a struct that embeds itself
			st.noOptions = r.withoutOptions(d, s, h)
		}
		return nil, st.noOptions
	}
	return &Type{Kind: Table, Struct: st}, nil
}

// withoutOptions returns why a struct without options is none.
func (r *reader) withoutOptions(d annotate.TypeDecl, s *scope, h typeHints) *typeError {
	switch {
	case r.promotesText(ast.Unparen(d.Type).(*ast.StructType), s):
		why := typeErrorf("%s may have the method UnmarshalText from what it embeds: add as=text if it has",
			d.Name.Name)
		why.mayBeText = true
		return why
	case h.naming != "":
		return typeErrorf("the struct %s has no options: it has no exported fields", d.Name.Name)
	}
	return typeErrorf("the struct %s has no options: tag its fields, as in `plugin:\"option\"`", d.Name.Name)
}

// decoders are the methods by which types decode themselves, by the struct tags of the library
// that calls them.
var decoders = map[string]string{"json": "UnmarshalJSON", "yaml": "UnmarshalYAML", "toml": "UnmarshalTOML"}

// promotesText reports whether an embedded type of a struct has, or may have, UnmarshalText.
func (r *reader) promotesText(fields *ast.StructType, s *scope) bool {
	return slices.ContainsFunc(fields.Fields.List, func(f *ast.Field) bool {
		if len(f.Names) > 0 {
			return false
		}
		e := ast.Unparen(f.Type)
		if star, ok := e.(*ast.StarExpr); ok {
			e = star.X
		}
		t, why := r.typeOf(e, s, typeHints{})
		return why == nil && t.Kind == Text || why != nil && why.mayBeText
	})
}

// contract returns the contract that a type is, of this module or another.
func (r *reader) contract(e ast.Expr, s *scope) (annotate.Contract, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return contractOf(s.pkg.About(e.Name), e.Name)
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		if !ok {
			break
		}
		path := s.file.ImportPath(id.Name)
		if pkg := r.imports.Package(path); pkg != nil {
			return contractOf(pkg.About(e.Sel.Name), e.Sel.Name)
		}
		if path == "" || rules.IsStandard(path) {
			break
		}
		if f, _ := r.imports.Foreign(path, e.Sel.Name); f.Namespace != "" {
			return annotate.Contract{Namespace: f.Namespace, Symbol: e.Sel.Name, Pointer: f.Pointer}, true
		}
	}
	return annotate.Contract{}, false
}

// contractOf returns the contract that a type of a package is.
func contractOf(p *annotate.Package, name string) (annotate.Contract, bool) {
	for _, c := range p.Contracts {
		if c.Symbol == name {
			return *c, true
		}
	}
	return annotate.Contract{}, false
}

// goType returns the Go type of an option, or whatever syntax denotes in a scope.
func (r *reader) goType(e ast.Expr, s *scope) (code.Type, bool) {
	t, err := code.NewType(e, names{r, s})
	return t, err == nil
}

// names are the names of a scope, for [code.NewType].
type names struct {
	*reader
	*scope
}

// Argument returns what a type parameter stands for.
func (n names) Argument(name string) (ast.Expr, code.Scope) {
	arg, ok := n.params[name]
	if !ok {
		return nil, nil
	}
	return arg.expr, names{n.reader, arg.scope}
}

// Declares returns the path of the package that declares a name, which the file may import as
// a dot.
func (n names) Declares(name string) (path string) {
	switch {
	case n.scope.pkg.About(name).Has(name):
		return n.scope.pkg.Path
	case types.Universe.Lookup(name) != nil:
		return ""
	}
	return n.dotImport(name, n.file)
}

// ImportPath returns the path of an import of the file.
func (n names) ImportPath(qualifier string) string { return n.file.ImportPath(qualifier) }
