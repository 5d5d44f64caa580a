package gen

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// wrongSignature reports whether the syntax of a method rules out that it is one that a
// manager calls.
func (p *pkg) wrongSignature(f *annotate.File, name string, m *ast.FuncType) bool {
	_, ok := rules.MethodOf(name, p.signature(f, m))
	return !ok
}

// signature returns what syntax shows of a method's signature.
func (p *pkg) signature(f *annotate.File, m *ast.FuncType) rules.Signature {
	params, variadic := p.typesOf(f, m.Params)
	results, _ := p.typesOf(f, m.Results)
	return rules.Signature{Params: params, Results: results, Variadic: variadic}
}

// typesOf returns what syntax shows of the types of parameters or results, and whether the last
// is variadic.
func (p *pkg) typesOf(f *annotate.File, list *ast.FieldList) (all []rules.Type, variadic bool) {
	if list == nil {
		return nil, false
	}
	all = make([]rules.Type, 0, list.NumFields())
	for _, field := range list.List {
		_, variadic = field.Type.(*ast.Ellipsis)
		t := p.typeOf(f, field.Type)
		for range max(len(field.Names), 1) {
			all = append(all, t)
		}
	}
	return all, variadic
}

// typeOf returns what syntax shows of a type. One that is declared elsewhere might be
// an alias of any other.
func (p *pkg) typeOf(f *annotate.File, t ast.Expr) rules.Type {
	switch t := ast.Unparen(t).(type) {
	case *ast.Ident:
		declared := p.Declares(t.Name)
		switch {
		case declared || types.Universe.Lookup(t.Name) == nil:
			return rules.Unknown
		case t.Name == "error":
			return rules.ErrorType
		case t.Name == "bool":
			return rules.BoolType
		}
	case *ast.SelectorExpr:
		id, ok := t.X.(*ast.Ident)
		switch {
		case !ok || f == nil || f.ImportPath(id.Name) != "context":
			return rules.Unknown
		case t.Sel.Name == "Context":
			return rules.ContextType
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		return rules.Unknown // an alias can be generic
	}
	return rules.OtherType
}

// lifecycleMethod returns the method that a manager calls if a type has one of the name and
// the signature, as generated files write it, or "" if it calls none.
func (p *pkg) lifecycleMethod(f *annotate.File, name string, m *ast.FuncType) string {
	if !rules.IsLifecycle(name) {
		return ""
	}
	method, _ := rules.MethodOf(name, p.signature(f, m))
	return lifecycleRecords[method]
}

// lifecycleRecords are the methods as generated files write them.
var lifecycleRecords = map[rules.Method]string{
	rules.LoadContext:         genfile.LoadMethod,
	rules.LoadArgument:        genfile.LoadArgMethod,
	rules.ShouldLoadBool:      genfile.ShouldLoadMethod,
	rules.CloseWithoutContext: genfile.CloseMethod,
	rules.CloseContext:        genfile.CloseCtxMethod,
}

func fileOf(p *pkg, n ast.Node) *annotate.File {
	for _, f := range p.Files {
		if f.Syntax.FileStart <= n.Pos() && n.Pos() < f.Syntax.FileEnd {
			return f
		}
	}
	return nil
}

// A typeWriter writes types of a package so that any file of any package can
// understand them: with a qualifier of its own for each package that they mention, the
// package itself included.
type typeWriter struct {
	pkg     *pkg
	file    *annotate.File      // where the types are written
	imports map[string]string   // what the qualifiers stand for
	params  map[string]ast.Expr // what type parameters stand for
}

func newTypeWriter(p *pkg, f *annotate.File) *typeWriter {
	return &typeWriter{pkg: p, file: f, imports: map[string]string{}}
}

// typ returns the type, and whether it is of a kind and of names that are known.
func (w *typeWriter) typ(e ast.Expr) (code.Type, bool) {
	t, err := code.NewType(w.expr(e), w.imports)
	return t, err == nil
}

func (w *typeWriter) types(list []ast.Expr) (all []code.Type, ok bool) {
	ok = true
	for _, e := range list {
		t, known := w.typ(e)
		all = append(all, t)
		ok = ok && known
	}
	return all, ok
}

// unknown stands for what is not known to be a type.
var unknown = &ast.BadExpr{}

// expr returns the expression with a qualifier for each name. What it does not know,
// code.NewType does not accept.
func (w *typeWriter) expr(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.Ident:
		return w.ident(e.Name)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if path := w.file.ImportPath(id.Name); path != "" {
				return w.qualified(path, e.Sel.Name)
			}
		}
	case *ast.ParenExpr:
		return w.expr(e.X)
	case *ast.StarExpr:
		return &ast.StarExpr{X: w.expr(e.X)}
	case *ast.Ellipsis:
		return &ast.Ellipsis{Elt: w.expr(e.Elt)}
	case *ast.ChanType:
		return &ast.ChanType{Dir: e.Dir, Value: w.expr(e.Value)}
	case *ast.ArrayType:
		return &ast.ArrayType{Len: w.length(e.Len), Elt: w.expr(e.Elt)}
	case *ast.MapType:
		return &ast.MapType{Key: w.expr(e.Key), Value: w.expr(e.Value)}
	case *ast.InterfaceType, *ast.StructType:
		return e
	case *ast.FuncType:
		return &ast.FuncType{TypeParams: e.TypeParams, Params: w.fields(e.Params), Results: w.fields(e.Results)}
	case *ast.IndexExpr:
		return &ast.IndexExpr{X: w.expr(e.X), Index: w.expr(e.Index)}
	case *ast.IndexListExpr:
		return &ast.IndexListExpr{X: w.expr(e.X), Indices: w.exprs(e.Indices)}
	}
	return unknown
}

func (w *typeWriter) exprs(list []ast.Expr) []ast.Expr {
	var all []ast.Expr
	for _, e := range list {
		all = append(all, w.expr(e))
	}
	return all
}

func (w *typeWriter) fields(list *ast.FieldList) *ast.FieldList {
	all := &ast.FieldList{}
	for _, t := range w.exprs(flatten(list)) {
		all.List = append(all.List, &ast.Field{Type: t})
	}
	return all
}

func (w *typeWriter) ident(name string) ast.Expr {
	if arg, ok := w.params[name]; ok {
		return arg
	}
	if w.pkg.Declares(name) {
		return w.qualified(w.pkg.Path, name)
	}
	if types.Universe.Lookup(name) == nil {
		return unknown
	}
	return ast.NewIdent(name)
}

// length returns the length of an array type, a number or a constant's name; nil for
// a slice.
func (w *typeWriter) length(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	if n, ok := e.(*ast.BasicLit); ok && n.Kind == token.INT {
		return n
	}
	return w.expr(e)
}

// qualified returns the name of a package's declaration.
func (w *typeWriter) qualified(path, symbol string) ast.Expr {
	name := ""
	for q, p := range w.imports {
		if p == path {
			name = q
		}
	}
	if name == "" {
		name = "p" + strconv.Itoa(len(w.imports))
		w.imports[name] = path
	}
	return &ast.SelectorExpr{X: ast.NewIdent(name), Sel: ast.NewIdent(symbol)}
}

// flatten returns a type for each parameter or result of a list.
func flatten(list *ast.FieldList) []ast.Expr {
	var all []ast.Expr
	if list != nil {
		for _, f := range list.List {
			for range max(len(f.Names), 1) {
				all = append(all, f.Type)
			}
		}
	}
	return all
}
