package code

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/module"
)

// A Type is a Go type: predeclared types and those of other packages, and what is
// composed of them. The zero Type is none.
type Type struct {
	expr    ast.Expr
	imports map[string]ImportPath // what the qualifiers stand for
}

// ParseType returns the type that a text denotes. The paths of imports are what its
// qualifiers stand for.
func ParseType(text string, imports map[string]string) (Type, error) {
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return Type{}, fmt.Errorf("%q is not a Go type: %w", text, err)
	}
	return newType(expr, checker{imports: imports})
}

// NewType returns the type that syntax denotes in a scope, so that any file of any package can
// understand it: with a qualifier of its own for each package that it mentions.
func NewType(expr ast.Expr, s Scope) (Type, error) { return newType(expr, checker{scope: s}) }

func newType(expr ast.Expr, c checker) (Type, error) {
	c.used = map[string]ImportPath{}
	checked, err := c.typ(expr)
	if err != nil {
		return Type{}, err
	}
	return Type{checked, c.used}, nil
}

// A Scope has what the names in a type mean where it is written.
type Scope interface {
	// Argument returns the type that a type parameter stands for, and the scope in which that is
	// written; nil if the name is no type parameter's.
	Argument(name string) (ast.Expr, Scope)
	// Declares returns the import path of the package whose declaration a name stands for, or ""
	// if it is predeclared or not known.
	Declares(name string) (path string)
	// ImportPath returns what a qualifier stands for, or "" if that is not known.
	ImportPath(qualifier string) string
}

// IsZero reports whether t is no type.
func (t Type) IsZero() bool { return t.expr == nil }

// Expr returns the syntax of the type, which has no positions. It must not be changed.
func (t Type) Expr() ast.Expr { return t.expr }

// Imports returns what the qualifiers in the type stand for. It must not be changed.
func (t Type) Imports() map[string]ImportPath { return t.imports }

// String returns the type as ParseType reads it.
func (t Type) String() string {
	var w writer
	w.typ(t.expr)
	return w.String()
}

// Identity returns the type with import paths in the place of qualifiers. It is the same for
// all ways to write a type, but for aliases and numbers.
func (t Type) Identity() string {
	w := writer{paths: t.imports}
	w.typ(t.expr)
	return w.String()
}

// MarshalText implements [encoding.TextMarshaler]: types that are written differently
// have different texts.
func (t Type) MarshalText() ([]byte, error) {
	text := t.String()
	for _, name := range slices.Sorted(maps.Keys(t.imports)) {
		text += " " + name + "=" + t.imports[name].path
	}
	return []byte(text), nil
}

// A checker rebuilds types from those parts of syntax that it knows to be types.
type checker struct {
	scope   Scope             // nil for a text
	imports map[string]string // what the qualifiers of a text stand for
	used    map[string]ImportPath
}

func (c *checker) typ(e ast.Expr) (ast.Expr, error) {
	switch e := e.(type) {
	case *ast.Ident:
		return c.ident(e)
	case *ast.SelectorExpr:
		return c.qualified(e)
	case *ast.ParenExpr:
		return c.typ(e.X)
	case *ast.StarExpr:
		x, err := c.typ(e.X)
		return &ast.StarExpr{X: x}, err
	case *ast.ChanType:
		x, err := c.typ(e.Value)
		return &ast.ChanType{Dir: e.Dir, Value: x}, err
	case *ast.ArrayType:
		return c.array(e)
	case *ast.MapType:
		key, err := c.typ(e.Key)
		if err != nil {
			return nil, err
		}
		value, err := c.typ(e.Value)
		return &ast.MapType{Key: key, Value: value}, err
	case *ast.InterfaceType:
		if e.Methods.NumFields() == 0 {
			return &ast.InterfaceType{Methods: &ast.FieldList{}}, nil
		}
	case *ast.StructType:
		if e.Fields.NumFields() == 0 {
			return &ast.StructType{Fields: &ast.FieldList{}}, nil
		}
	case *ast.FuncType:
		return c.function(e)
	case *ast.IndexExpr:
		return c.instance(e.X, e.Index)
	case *ast.IndexListExpr:
		return c.instance(e.X, e.Indices...)
	}
	return nil, fmt.Errorf("%q is not a type that can be written in another package", types.ExprString(e))
}

func (c *checker) ident(e *ast.Ident) (ast.Expr, error) {
	if c.scope != nil {
		if arg, scope := c.scope.Argument(e.Name); arg != nil {
			there := checker{scope: scope, used: c.used}
			return there.typ(arg)
		}
		if path := c.scope.Declares(e.Name); path != "" {
			return c.name(path, e.Name)
		}
	}
	if _, ok := types.Universe.Lookup(e.Name).(*types.TypeName); ok {
		return ast.NewIdent(e.Name), nil
	}
	return nil, fmt.Errorf("%q is not a type that can be written in another package", e.Name)
}

func (c *checker) qualified(e *ast.SelectorExpr) (ast.Expr, error) {
	q, ok := e.X.(*ast.Ident)
	path := ""
	switch {
	case ok && c.scope != nil:
		path = c.scope.ImportPath(q.Name)
	case ok:
		path = c.imports[q.Name]
	}
	if path == "" || e.Sel.Name == "_" {
		return nil, fmt.Errorf("%q is not a name of an imported package", types.ExprString(e))
	}
	if c.scope == nil {
		return c.selector(q.Name, path, e.Sel.Name)
	}
	return c.name(path, e.Sel.Name)
}

// name returns the name of a package's declaration, with the qualifier of the type for the
// package.
func (c *checker) name(path, name string) (ast.Expr, error) {
	for q, p := range c.used {
		if p.path == path {
			return c.selector(q, path, name)
		}
	}
	return c.selector("p"+strconv.Itoa(len(c.used)), path, name)
}

func (c *checker) selector(qualifier, path, name string) (ast.Expr, error) {
	p, err := ParseImportPath(path)
	if err != nil {
		return nil, err
	}
	c.used[qualifier] = p
	return &ast.SelectorExpr{X: ast.NewIdent(qualifier), Sel: ast.NewIdent(name)}, nil
}

func (c *checker) array(e *ast.ArrayType) (ast.Expr, error) {
	elt, err := c.typ(e.Elt)
	if err != nil {
		return nil, err
	}
	if e.Len == nil {
		return &ast.ArrayType{Elt: elt}, nil
	}
	switch n := ast.Unparen(e.Len).(type) {
	case *ast.BasicLit:
		if n.Kind == token.INT {
			return &ast.ArrayType{Len: &ast.BasicLit{Kind: token.INT, Value: n.Value}, Elt: elt}, nil
		}
	case *ast.Ident:
		if c.scope != nil && c.scope.Declares(n.Name) != "" {
			length, err := c.name(c.scope.Declares(n.Name), n.Name)
			return &ast.ArrayType{Len: length, Elt: elt}, err
		}
	case *ast.SelectorExpr:
		length, err := c.qualified(n)
		return &ast.ArrayType{Len: length, Elt: elt}, err
	}
	return nil, fmt.Errorf("%q is not the length of an array", types.ExprString(e.Len))
}

func (c *checker) function(e *ast.FuncType) (ast.Expr, error) {
	if e.TypeParams != nil {
		return nil, fmt.Errorf("%q has type parameters", types.ExprString(e))
	}
	params, err := c.fields(e.Params, true)
	if err != nil {
		return nil, err
	}
	results, err := c.fields(e.Results, false)
	return &ast.FuncType{Params: params, Results: results}, err
}

// fields checks the types of parameters, the last of which may be variadic, or of
// results. A text has no names for them.
func (c *checker) fields(list *ast.FieldList, variadic bool) (*ast.FieldList, error) {
	checked := &ast.FieldList{}
	if list == nil {
		return checked, nil
	}
	if c.scope == nil && len(list.List) > 0 && len(list.List[0].Names) > 0 {
		return nil, fmt.Errorf("parameter %s has a name", list.List[0].Names[0].Name)
	}
	all := Flatten(list)
	for i, typ := range all {
		rest := false
		if last, ok := typ.(*ast.Ellipsis); ok && variadic && i == len(all)-1 && last.Elt != nil {
			typ, rest = last.Elt, true
		}
		x, err := c.typ(typ)
		if err != nil {
			return nil, err
		}
		if rest {
			x = &ast.Ellipsis{Elt: x}
		}
		checked.List = append(checked.List, &ast.Field{Type: x})
	}
	return checked, nil
}

func (c *checker) instance(generic ast.Expr, args ...ast.Expr) (ast.Expr, error) {
	x, err := c.typ(generic)
	if err != nil {
		return nil, err
	}
	if _, ok := x.(*ast.SelectorExpr); !ok {
		return nil, fmt.Errorf("%q is not a generic type of another package", types.ExprString(generic))
	}
	checked := &ast.IndexListExpr{X: x}
	for _, arg := range args {
		a, err := c.typ(arg)
		if err != nil {
			return nil, err
		}
		checked.Indices = append(checked.Indices, a)
	}
	return checked, nil
}

// NeedsParens reports whether the element type of a channel that sends and receives
// has to be in parentheses: chan <-chan T is another type.
func NeedsParens(c *ast.ChanType) bool {
	inner, ok := c.Value.(*ast.ChanType)
	return ok && c.Dir == ast.SEND|ast.RECV && inner.Dir == ast.RECV
}

// Short returns the type with the likely names of packages in the place of qualifiers, for
// messages.
func (t Type) Short() string {
	w := writer{paths: map[string]ImportPath{}}
	for q, p := range t.imports {
		name := path.Base(p.path)
		if prefix, major, _ := module.SplitPathVersion(p.path); major != "" && prefix != "" {
			name = path.Base(prefix)
		}
		w.paths[q] = ImportPath{name}
	}
	w.typ(t.expr)
	return w.String()
}

// A writer writes types that have been checked.
type writer struct {
	strings.Builder
	paths map[string]ImportPath // what qualifiers are replaced with; nil to keep them
}

func (w *writer) typ(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Ident:
		w.WriteString(e.Name)
	case *ast.BasicLit:
		w.WriteString(e.Value)
	case *ast.SelectorExpr:
		if p, ok := w.paths[e.X.(*ast.Ident).Name]; ok {
			w.WriteString(p.path)
		} else {
			w.typ(e.X)
		}
		w.WriteString("." + e.Sel.Name)
	case *ast.StarExpr:
		w.WriteString("*")
		w.typ(e.X)
	case *ast.Ellipsis:
		w.WriteString("...")
		w.typ(e.Elt)
	case *ast.ChanType:
		w.channel(e)
	case *ast.ArrayType:
		w.WriteString("[")
		if e.Len != nil {
			w.typ(e.Len)
		}
		w.WriteString("]")
		w.typ(e.Elt)
	case *ast.MapType:
		w.WriteString("map[")
		w.typ(e.Key)
		w.WriteString("]")
		w.typ(e.Value)
	case *ast.InterfaceType:
		w.WriteString("interface{}")
	case *ast.StructType:
		w.WriteString("struct{}")
	case *ast.FuncType:
		w.WriteString("func(")
		w.list(Flatten(e.Params))
		w.WriteString(") (")
		w.list(Flatten(e.Results))
		w.WriteString(")")
	case *ast.IndexListExpr:
		w.typ(e.X)
		w.WriteString("[")
		w.list(e.Indices)
		w.WriteString("]")
	}
}

func (w *writer) channel(c *ast.ChanType) {
	w.WriteString(map[ast.ChanDir]string{ast.SEND: "chan<- ", ast.RECV: "<-chan ", ast.SEND | ast.RECV: "chan "}[c.Dir])
	if NeedsParens(c) {
		w.WriteString("(")
		defer w.WriteString(")")
	}
	w.typ(c.Value)
}

func (w *writer) list(list []ast.Expr) {
	for i, e := range list {
		if i > 0 {
			w.WriteString(", ")
		}
		w.typ(e)
	}
}

// Flatten returns the type of each parameter or result of a list, which may be nil.
func Flatten(list *ast.FieldList) []ast.Expr {
	if list == nil {
		return nil
	}
	var all []ast.Expr
	for _, f := range list.List {
		for range max(len(f.Names), 1) {
			all = append(all, f.Type)
		}
	}
	return all
}
