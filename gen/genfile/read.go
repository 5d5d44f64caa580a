package genfile

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// A File is what a generated file says.
type File struct {
	Package    string
	Constraint string // as after //go:build, "" for none
	Version    int    // of the form that generated code has; 0 if it is not to be seen
	Specs      []Spec
	Contracts  []Mark
	Interfaces []Interface // those of the contracts that are interfaces
	Bases      []Mark
	Links      []string // identifiers "import/path.Plugin_x", for a host
}

// A Spec is a plugin as a generated file describes it.
type Spec struct {
	Identifier      string
	Namespace, Name string
	Kind            string // type, func, factory, var or spec
	Symbol          string
	Proved          bool // the file makes the compiler check the contract
	Plain           bool // not Proved, and the plugin is the symbol itself: new(T), F, or V
	Requires        []string
	Aliases         []string
	Priority        int
	Deprecated      string
	Doc             string
}

// A Mark says that a type is the contract of a namespace, or a base that passes it
// on to what embeds it.
type Mark struct{ Namespace, Symbol string }

// The directives of generated files.
const (
	ContractMark  = "//plugingen:contract "
	InterfaceMark = "//plugingen:interface " // more of a contract
	BaseMark      = "//plugingen:base "
	SpecMark      = "//plugingen:spec " // kind, and Proved or Plain
	Proved        = "proved"
	Plain         = "plain"
)

// VersionPrefix begins the identifier by which generated code asks the registry
// package whether it can run it; the version follows.
const VersionPrefix = "GeneratedCodeV"

// Read parses a generated file. What it does not know, it leaves out, so that a
// file of a newer plugingen can be read.
func Read(name string, src []byte) (*File, error) {
	syntax, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("generated file is damaged, generate it again: %w", err)
	}
	f := &File{Package: syntax.Name.Name}
	for _, group := range syntax.Comments {
		for _, c := range group.List {
			f.comment(c.Text, c.End() < syntax.Package)
		}
	}
	for _, d := range syntax.Decls {
		if g, ok := d.(*ast.GenDecl); ok && (g.Tok == token.VAR || g.Tok == token.CONST) {
			for _, s := range g.Specs {
				f.value(g, s.(*ast.ValueSpec))
			}
		}
	}
	f.links(syntax)
	return f, nil
}

func (f *File) comment(text string, header bool) {
	if expr, ok := isConstraint(text); ok && header {
		f.Constraint = expr
	}
	if m, ok := mark(text, ContractMark); ok {
		f.Contracts = append(f.Contracts, m)
	}
	if rest, ok := strings.CutPrefix(text, InterfaceMark); ok {
		if i, ok := parseInterface(rest); ok {
			f.Interfaces = append(f.Interfaces, i)
		}
	}
	if m, ok := mark(text, BaseMark); ok {
		f.Bases = append(f.Bases, m)
	}
}

// isConstraint says whether a line is a //go:build line, and returns its expression.
func isConstraint(line string) (string, bool) {
	if !constraint.IsGoBuild(line) {
		return "", false
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "//go:build")), true
}

func mark(text, prefix string) (Mark, bool) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return Mark{}, false
	}
	namespace, symbol, ok := strings.Cut(rest, " ")
	return Mark{namespace, symbol}, ok
}

func (f *File) value(g *ast.GenDecl, v *ast.ValueSpec) {
	if len(v.Names) != 1 || len(v.Values) != 1 {
		return
	}
	if sel, ok := v.Values[0].(*ast.SelectorExpr); ok {
		if version, ok := strings.CutPrefix(sel.Sel.Name, VersionPrefix); ok {
			f.Version, _ = strconv.Atoi(version)
		}
		return
	}
	lit, _ := v.Values[0].(*ast.CompositeLit)
	namespace, name, ok := Plugin(v.Names[0].Name)
	if !ok || lit == nil {
		return
	}
	s := Spec{Identifier: v.Names[0].Name, Namespace: namespace, Name: name}
	if g.Doc != nil {
		for _, c := range g.Doc.List {
			if rest, ok := strings.CutPrefix(c.Text, SpecMark); ok && strings.TrimSpace(rest) != "" {
				words := strings.Fields(rest)
				s.Kind = words[0]
				s.Proved = slices.Contains(words, Proved)
				s.Plain = slices.Contains(words, Plain)
			}
		}
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				s.set(key.Name, kv.Value)
			}
		}
	}
	f.Specs = append(f.Specs, s)
}

func (s *Spec) set(field string, value ast.Expr) {
	switch field {
	case "Symbol":
		s.Symbol = str(value)
	case "Deprecated":
		s.Deprecated = str(value)
	case "Doc":
		s.Doc = str(value)
	case "Requires":
		s.Requires = list(value)
	case "Aliases":
		s.Aliases = list(value)
	case "Priority":
		s.Priority = integer(value)
	}
}

func str(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}

func list(e ast.Expr) []string {
	lit, _ := e.(*ast.CompositeLit)
	if lit == nil {
		return nil
	}
	var all []string
	for _, x := range lit.Elts {
		all = append(all, str(x))
	}
	return all
}

func integer(e ast.Expr) int {
	sign := 1
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.SUB {
		sign, e = -1, u.X
	}
	if lit, ok := e.(*ast.BasicLit); ok {
		n, _ := strconv.Atoi(lit.Value)
		return sign * n
	}
	return 0
}

// links collects the specs that the tables of a host refer to.
func (f *File) links(syntax *ast.File) {
	paths := map[string]string{}
	for _, imp := range syntax.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		paths[name] = path
	}
	ast.Inspect(syntax, func(n ast.Node) bool {
		u, ok := n.(*ast.UnaryExpr)
		if !ok || u.Op != token.AND {
			return true
		}
		switch x := u.X.(type) {
		case *ast.Ident:
			if _, _, ok := Plugin(x.Name); ok {
				f.Links = append(f.Links, "."+x.Name)
			}
		case *ast.SelectorExpr:
			if pkg, ok := x.X.(*ast.Ident); ok {
				if _, _, ok := Plugin(x.Sel.Name); ok {
					f.Links = append(f.Links, paths[pkg.Name]+"."+x.Sel.Name)
				}
			}
		}
		return true
	})
}
