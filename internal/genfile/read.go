package genfile

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// A File is what a generated file says.
type File struct {
	Package    string
	Imports    []string // import paths, sorted
	Constraint string   // as after //go:build, "" for none
	Version    int      // of the generated code, as in CodeV1; 0 if it has none
	Specs      []Spec
	Contracts  []Record
	Interfaces []Interface // those of the contracts that are interfaces
	Bases      []Record
	Links      []string // identifiers "import/path.Plugin_x", for a host

	// Structs are the structs with options that the file describes; all are Foreign. They may
	// refer to structs that another file describes: of these only the names are set, and Path
	// if that file is of another package.
	Structs []*options.Struct
}

// A Spec is a plugin as a generated file describes it.
type Spec struct {
	Identifier      string
	Namespace, Name string
	Kind            annotate.Kind
	Symbol          string
	Asserted        bool         // the file makes the compiler check the contract
	Contract        string       // the contract: "import/path.Name", or ".Name" of the package; "" if unknown
	IsSymbol        bool         // the plugin is the symbol itself: new(T), F, or V
	Options         *options.Use // nil for a plugin without options

	annotate.Properties
}

// A Record says that a type is the contract of a namespace, or a base that passes it
// on to what embeds it.
type Record struct {
	Namespace, Symbol string
	Pointer           bool // of a contract: it is a struct, and plugins are pointers to it

	// Of a contract: which struct tags name the options of plugins, and where the
	// configuration of a program has the plugins; "" if it does not say.
	Naming, Section string
}

// String returns what parseRecord reads.
func (m Record) String() string {
	s := m.Namespace + " "
	if m.Pointer {
		s += "*"
	}
	s += m.Symbol
	if m.Naming != "" {
		s += " options=" + m.Naming
	}
	if m.Section != "" {
		s += " section=" + m.Section
	}
	return s
}

// Is reports whether two records are of the same type and namespace.
func (m Record) Is(other Record) bool {
	return m.Namespace == other.Namespace && m.Symbol == other.Symbol
}

// The directives of generated files.
const (
	ContractRecord  = "//plugingen:contract "
	InterfaceRecord = "//plugingen:interface " // more of a contract
	BaseRecord      = "//plugingen:base "
	SpecRecord      = "//plugingen:spec " // kind, and Asserted and IsSymbol
	Asserted        = "asserted"
	IsSymbol        = "plain" // the word is older than the name
)

// assertedBefore is what older versions write for Asserted.
const assertedBefore = "proved"

// AssertionPrefix begins the name of a function that takes a plugin as its contract; the
// identifier of the spec follows.
const AssertionPrefix = "assert"

// VersionPrefix begins the name of the constant that generated code uses of package generated,
// so that it compiles only if that can run it; the version follows.
const VersionPrefix = "CodeV"

// Read parses a generated file. It ignores what it does not know, so that it can read files of
// newer versions of plugingen. It validates the rest, since anyone may have written the file, and
// returns an error if a namespace or an identifier is not valid, a spec is not that of its
// identifier, or a struct with options contains itself.
func Read(name string, src []byte) (*File, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, readfile.Parsable(src),
		parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("generated file is damaged, generate it again: %w", err)
	}
	r := &reader{File: &File{Package: syntax.Name.Name}, imports: importsOf(syntax)}
	for _, imp := range syntax.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		r.Imports = append(r.Imports, path)
	}
	slices.Sort(r.Imports)
	r.options = &optionsReader{reader: r, found: map[string]*options.Struct{}}
	fail := func(at ast.Node, err error) (*File, error) {
		pos := fset.PositionFor(at.Pos(), false)
		return nil, fmt.Errorf(
			"generated file is damaged, generate it again: %s:%d:%d: %w", name, pos.Line, pos.Column, err)
	}
	for _, group := range syntax.Comments {
		for _, c := range group.List {
			if err := r.comment(c.Text, c.End() < syntax.Package); err != nil {
				return fail(c, err)
			}
		}
	}
	for _, d := range syntax.Decls {
		if g, ok := d.(*ast.GenDecl); ok && (g.Tok == token.VAR || g.Tok == token.CONST) {
			for _, s := range g.Specs {
				if err := r.value(g, s.(*ast.ValueSpec)); err != nil {
					return fail(s, err)
				}
			}
		}
	}
	r.contracts(syntax)
	for _, solve := range r.options.later {
		if err := solve(); err != nil {
			return fail(syntax.Name, err)
		}
	}
	for _, cycle := range rules.Cycles(r.Structs, (*options.Struct).Contained) {
		return fail(syntax.Name, fmt.Errorf("the struct %s contains itself", cycle[0].Name))
	}
	if s, err := options.CheckSize(r.Structs); err != nil {
		return fail(syntax.Name, fmt.Errorf("%s: %w", s.Name, err))
	}
	r.links(syntax)
	return r.File, nil
}

// A reader reads a generated file.
type reader struct {
	*File
	imports map[string]string // paths, by name
	options *optionsReader
}

// importsOf returns what the names of imported packages stand for.
func importsOf(syntax *ast.File) map[string]string {
	paths := map[string]string{}
	for _, imp := range syntax.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		paths[name] = path
	}
	return paths
}

func (r *reader) comment(text string, header bool) (err error) {
	if header && constraint.IsGoBuild(text) {
		return r.setConstraint(text)
	}
	if rest, ok := strings.CutPrefix(text, ContractRecord); ok {
		return add(&r.Contracts, rest, parseRecord)
	}
	if rest, ok := strings.CutPrefix(text, InterfaceRecord); ok {
		return add(&r.Interfaces, rest, parseInterface)
	}
	if rest, ok := strings.CutPrefix(text, BaseRecord); ok {
		return add(&r.Bases, rest, parseRecord)
	}
	return nil
}

func add[T any](list *[]T, text string, parse func(string) (T, error)) error {
	x, err := parse(text)
	if err == nil {
		*list = append(*list, x)
	}
	return err
}

func (r *reader) setConstraint(line string) error {
	if r.Constraint != "" {
		return errors.New("there is another build constraint above")
	}
	expr, err := constraint.Parse(line)
	if err != nil {
		return err
	}
	r.Constraint = expr.String()
	return nil
}

// parseRecord reads a namespace and a type's name, and the words behind them that it knows.
func parseRecord(s string) (Record, error) {
	words := strings.Fields(s)
	if len(words) < 2 {
		return Record{}, fmt.Errorf("%q is no namespace with the name of a type", s)
	}
	if !rules.ValidNamespace(words[0]) {
		return Record{}, fmt.Errorf("%q is not a namespace", words[0])
	}
	name, pointer := strings.CutPrefix(words[1], "*")
	symbol, err := code.ParseIdent(name)
	m := Record{Namespace: words[0], Symbol: symbol.String(), Pointer: pointer}
	for _, word := range words[2:] {
		if naming, ok := strings.CutPrefix(word, "options="); ok {
			m.Naming = naming
		}
		if section, ok := strings.CutPrefix(word, "section="); ok {
			if !rules.ValidSection(section) {
				return Record{}, fmt.Errorf("%q is not a section", section)
			}
			m.Section = section
		}
	}
	return m, err
}

func (r *reader) value(g *ast.GenDecl, v *ast.ValueSpec) error {
	if len(v.Names) != 1 || len(v.Values) != 1 {
		return nil
	}
	if sel, ok := v.Values[0].(*ast.SelectorExpr); ok {
		if version, ok := strings.CutPrefix(sel.Sel.Name, VersionPrefix); ok && r.isOf(sel, GeneratedPath) {
			r.Version, _ = strconv.Atoi(version)
		}
		return nil
	}
	lit, _ := v.Values[0].(*ast.CompositeLit)
	if lit != nil && isOptions(v.Names[0].Name) {
		return r.options.description(v.Names[0].Name, lit)
	}
	namespace, name, ok := Plugin(v.Names[0].Name)
	if !ok || lit == nil {
		return nil
	}
	if !rules.ValidNamespace(namespace) || !rules.ValidName(name) {
		return fmt.Errorf("%q is not the namespace and name of a plugin", namespace+":"+name)
	}
	if !r.isSpec(lit.Type) {
		return fmt.Errorf("%s is not a registry.Spec", v.Names[0].Name)
	}
	s := Spec{Identifier: v.Names[0].Name}
	if g.Doc != nil {
		for _, c := range g.Doc.List {
			if rest, ok := strings.CutPrefix(c.Text, SpecRecord); ok {
				s.record(strings.Fields(rest))
			}
		}
	}
	if err := s.setAll(lit); err != nil {
		return err
	}
	var err error
	if s.Options, err = r.options.specOptions(lit); err != nil {
		return fmt.Errorf("%s: %w", s.Identifier, err)
	}
	if s.Namespace != namespace || s.Name != name {
		return fmt.Errorf("%s is the spec of another plugin, %q", s.Identifier, s.Namespace+":"+s.Name)
	}
	r.Specs = append(r.Specs, s)
	return nil
}

// contracts reads which contracts plugins are asserted to satisfy, from the functions that
// make the compiler check it.
func (r *reader) contracts(syntax *ast.File) {
	asserted := map[string]string{}
	for _, d := range syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || fn.Type.Params.NumFields() != 1 {
			continue
		}
		if spec, ok := strings.CutPrefix(fn.Name.Name, AssertionPrefix); ok {
			asserted[spec] = r.typeName(fn.Type.Params.List[0].Type)
		}
	}
	for i := range r.Specs {
		if s := &r.Specs[i]; s.Asserted {
			s.Contract = asserted[s.Identifier]
		}
	}
}

// typeName returns a type as Spec.Contract has it.
func (r *reader) typeName(t ast.Expr) string {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	switch t := t.(type) {
	case *ast.Ident:
		return "." + t.Name
	case *ast.SelectorExpr:
		if id, ok := t.X.(*ast.Ident); ok && r.imports[id.Name] != "" {
			return r.imports[id.Name] + "." + t.Sel.Name
		}
	}
	return ""
}

// isSpec reports whether a type is registry.Spec.
func (r *reader) isSpec(t ast.Expr) bool {
	sel, ok := t.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Spec" {
		return false
	}
	return r.isOf(sel, annotate.RegistryPath)
}

// isOf reports whether a selector is a name of the package with the import path.
func (r *reader) isOf(sel *ast.SelectorExpr, path string) bool {
	id, ok := sel.X.(*ast.Ident)
	return ok && r.imports[id.Name] == path
}

// record reads the words behind SpecRecord. It ignores all if it does not know the first, the
// kind of the plugin.
func (s *Spec) record(words []string) {
	if len(words) == 0 || annotate.ParseKind(words[0]) == annotate.UnknownKind {
		return
	}
	s.Kind = annotate.ParseKind(words[0])
	s.Asserted = slices.Contains(words, Asserted) || slices.Contains(words, assertedBefore)
	s.IsSymbol = slices.Contains(words, IsSymbol)
}

// setAll reads the fields of a spec. It returns an error for a field that it knows and whose
// value is not a literal.
func (s *Spec) setAll(lit *ast.CompositeLit) error {
	if err := eachField(lit, s.set); err != nil {
		return fmt.Errorf("%s: %w", s.Identifier, err)
	}
	return nil
}

func (s *Spec) set(field string, value ast.Expr) (err error) {
	switch field {
	case "Namespace":
		s.Namespace, err = str(value)
	case "Name":
		s.Name, err = str(value)
	case "Symbol":
		if s.Symbol, err = str(value); err == nil {
			_, err = code.ParseIdent(s.Symbol)
		}
	default:
		err = setProperty(&s.Properties, field, value)
	}
	return err
}

// setProperty sets the property with a name, if it knows one.
func setProperty(p *annotate.Properties, field string, value ast.Expr) (err error) {
	for property := range p.All() {
		if property.Field != field {
			continue
		}
		switch old := property.Value.(type) {
		case *string:
			*old, err = str(value)
		case *int:
			*old, err = integer(value)
		case *[]string:
			valid := printable
			if field == "Aliases" {
				valid = rules.ValidName
			}
			*old, err = list(value, valid)
		case *[]annotate.Attr:
			*old, err = attrs(value)
		}
	}
	return err
}

func str(e ast.Expr) (string, error) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		return strconv.Unquote(lit.Value)
	}
	return "", errors.New("not a string literal")
}

// list returns the strings of a slice literal.
func list(e ast.Expr, valid func(string) bool) ([]string, error) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, errors.New("not a list of string literals")
	}
	var all []string
	for _, x := range lit.Elts {
		s, err := str(x)
		if err != nil {
			return nil, err
		}
		if !valid(s) {
			return nil, fmt.Errorf("%q is not the name of a plugin", s)
		}
		all = append(all, s)
	}
	return all, nil
}

// attrs returns the attributes of a slice literal.
func attrs(e ast.Expr) (all []annotate.Attr, err error) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, errors.New("not a list of attributes")
	}
	for _, x := range lit.Elts {
		var a annotate.Attr
		attr, ok := x.(*ast.CompositeLit)
		if !ok {
			return nil, errors.New("not an attribute")
		}
		err := eachField(attr, func(field string, value ast.Expr) (err error) {
			switch field {
			case "Key":
				a.Key, err = str(value)
			case "Value":
				a.Value, err = str(value)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// printable reports whether s is text in one line. What plugins may require can be
// written in more ways one day.
func printable(s string) bool {
	return s != "" && !strings.ContainsFunc(s,
		func(c rune) bool { return c == unicode.ReplacementChar || !unicode.IsPrint(c) })
}

func integer(e ast.Expr) (int, error) {
	sign := 1
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.SUB {
		sign, e = -1, u.X
	}
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.INT {
		n, err := strconv.Atoi(lit.Value)
		return sign * n, err
	}
	return 0, errors.New("not a number")
}

// links collects the specs that the tables of a host refer to.
func (r *reader) links(syntax *ast.File) {
	ast.Inspect(syntax, func(n ast.Node) bool {
		u, ok := n.(*ast.UnaryExpr)
		if !ok || u.Op != token.AND {
			return true
		}
		switch x := u.X.(type) {
		case *ast.Ident:
			if _, _, ok := Plugin(x.Name); ok {
				r.Links = append(r.Links, "."+x.Name)
			}
		case *ast.SelectorExpr:
			if pkg, ok := x.X.(*ast.Ident); ok {
				if _, _, ok := Plugin(x.Sel.Name); ok {
					r.Links = append(r.Links, r.imports[pkg.Name]+"."+x.Sel.Name)
				}
			}
		}
		return true
	})
}
