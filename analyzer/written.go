package analyzer

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/annotate"
)

// code is the syntax of a generated file: what package genfile does not read from
// it, since only the package itself is concerned.
type code struct {
	specs   map[string]*ast.CompositeLit // by identifier
	funcs   map[string]*ast.FuncDecl
	imports map[string]string // by name
}

func readCode(name string, src []byte) *code {
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil // see spoilt
	}
	c := &code{map[string]*ast.CompositeLit{}, map[string]*ast.FuncDecl{}, map[string]string{}}
	for _, imp := range f.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		name := lastElement(path)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		c.imports[name] = path
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.funcs[d.Name.Name] = d
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && len(v.Names) == 1 && len(v.Values) == 1 {
					if lit, ok := v.Values[0].(*ast.CompositeLit); ok {
						c.specs[v.Names[0].Name] = lit
					}
				}
			}
		}
	}
	return c
}

// is says whether the code for a plugin does what its declaration says: whether it
// calls the same factory, has the same attributes and so on.
func (c *code) is(p *annotate.Plugin, identifier string, pkg *types.Package) bool {
	if c == nil || c.specs[identifier] == nil {
		return true
	}
	lit := c.specs[identifier]
	makes := c.funcs["new"+identifier]
	return c.shouldLoads(p.ShouldLoad, field(lit, "ShouldLoad")) &&
		slices.Equal(attrs(field(lit, "Attrs")), p.Attrs) &&
		(p.Kind == annotate.Spec || makes != nil && c.makes(p, makes, pkg))
}

// field returns the value of a field of a composite literal, nil if it is not set.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

func attrs(e ast.Expr) []annotate.Attr {
	list, _ := e.(*ast.CompositeLit)
	if list == nil {
		return nil
	}
	text := func(e ast.Expr) string {
		lit, _ := e.(*ast.BasicLit)
		if lit == nil {
			return ""
		}
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	var all []annotate.Attr
	for _, e := range list.Elts {
		if lit, ok := e.(*ast.CompositeLit); ok {
			all = append(all, annotate.Attr{Key: text(field(lit, "Key")), Value: text(field(lit, "Value"))})
		}
	}
	return all
}

// shouldLoads says whether the field is as a directive's should_load has it: a
// function of the package, or one that is generated and calls it.
func (c *code) shouldLoads(want *annotate.Call, have ast.Expr) bool {
	if want == nil || have == nil {
		return want == nil && have == nil
	}
	id, ok := have.(*ast.Ident)
	if !ok {
		return true // of a form that is not known
	}
	if id.Name == want.Symbol {
		return !want.Value && want.Arg == annotate.SpecArg
	}
	fn := c.funcs[id.Name]
	return fn != nil && calls(fn, want)
}

// makes says whether a function makes the plugin in the way that is declared.
func (c *code) makes(p *annotate.Plugin, fn *ast.FuncDecl, pkg *types.Package) bool {
	if p.Factory != nil && !calls(fn, p.Factory) {
		return false
	}
	loads := ""
	address, mentioned := false, false
	var args []ast.Expr
	symbol := p.Symbol
	if p.Kind == annotate.Factory && p.Factory != nil {
		symbol = p.Factory.Symbol
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			mentioned = mentioned || n.Name == symbol
		case *ast.AssignStmt:
			if sel, ok := n.Lhs[0].(*ast.SelectorExpr); ok && sel.Sel.Name == "OnLoad" {
				loads = name(n.Rhs[0])
			}
		case *ast.UnaryExpr:
			address = address || n.Op == token.AND && name(n.X) == symbol
		case *ast.IndexExpr:
			if name(n.X) == symbol {
				args = []ast.Expr{n.Index}
			}
		case *ast.IndexListExpr:
			if name(n.X) == symbol {
				args = n.Indices
			}
		}
		return true
	})
	switch {
	case p.Factory == nil && !mentioned:
		return false // a factory made it
	case p.Kind == annotate.Var && address != p.Address:
		return false
	case (p.Load == nil) != (loads == "") || p.Load != nil && loads != p.Load.Symbol:
		return false
	case p.Kind == annotate.Type && p.Factory != nil:
		return true // its type arguments are the factory's own affair
	}
	return c.sameTypes(p, args, pkg)
}

func name(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// calls says whether a function uses a declaration in the way that is wanted.
func calls(fn *ast.FuncDecl, want *annotate.Call) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			fun := n.Fun
			switch x := fun.(type) {
			case *ast.IndexExpr:
				fun = x.X
			case *ast.IndexListExpr:
				fun = x.X
			}
			if name(fun) != want.Symbol || want.Value {
				break
			}
			arg := annotate.NoArg
			if len(n.Args) > 0 {
				arg = annotate.SpecArg
				if _, ok := n.Args[0].(*ast.SelectorExpr); ok {
					arg = annotate.NameArg
				}
			}
			found = found || arg == want.Arg
		case *ast.ReturnStmt:
			found = found || want.Value && len(n.Results) == 1 && name(n.Results[0]) == want.Symbol
		}
		return true
	})
	return found
}

// sameTypes compares type arguments, as far as the names in them can be told.
func (c *code) sameTypes(p *annotate.Plugin, have []ast.Expr, pkg *types.Package) bool {
	if len(have) != len(p.TypeArgs) {
		return false
	}
	for i, want := range p.TypeArgs {
		w, ok1 := qualified(want, p.File.ImportPath, pkg)
		h, ok2 := qualified(have[i], func(name string) string { return c.imports[name] }, pkg)
		if ok1 && ok2 && w != h {
			return false
		}
	}
	return true
}

// qualified writes a type with import paths for qualifiers, and says whether all of
// its names are known.
func qualified(e ast.Expr, path func(string) string, pkg *types.Package) (string, bool) {
	var b strings.Builder
	known := true
	rest := types.ExprString(e)
	// The text around the names is the same on both sides.
	ast.Inspect(e, func(n ast.Node) bool {
		write := func(shown, meant string) {
			before, after, _ := strings.Cut(rest, shown)
			b.WriteString(before + meant)
			rest = after
		}
		switch n := n.(type) {
		case *ast.SelectorExpr:
			p := path(name(n.X))
			known = known && p != ""
			write(types.ExprString(n), strconv.Quote(p)+"."+n.Sel.Name)
			return false
		case *ast.Ident:
			known = known && (pkg.Scope().Lookup(n.Name) != nil || types.Universe.Lookup(n.Name) != nil)
			write(n.Name, n.Name)
		}
		return true
	})
	return b.String() + rest, known
}
