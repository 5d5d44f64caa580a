package annotate

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/token"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
)

// A File is one file of a package.
type File struct {
	Name       string // without folder
	Syntax     *ast.File
	Constraint builds.Constraint

	source    *token.File
	generated bool
	imports   map[string]string // what ImportPath returns, nil before it has been called
}

// NewFile returns a File with the constraint that its name and syntax imply.
// syntax was parsed with comments, into fset.
func NewFile(fset *token.FileSet, name string, syntax *ast.File) *File {
	return &File{
		Name: name, Syntax: syntax, Constraint: builds.OfFile(name, syntax),
		source: fset.File(syntax.FileStart), generated: ast.IsGenerated(syntax),
	}
}

// span returns the place of a node, which in a file with syntax errors may claim
// more than the file has.
func (f *File) span(n ast.Node) Span {
	end := token.Pos(f.source.Base() + f.source.Size())
	return Span{min(n.Pos(), end), min(n.End(), end)}
}

func (f *File) line(p token.Pos) int { return f.source.PositionFor(p, false).Line }

func (f *File) test() bool { return strings.HasSuffix(f.Name, "_test.go") }

// A Package is what the files of one package declare. Its methods are not safe
// for use by several goroutines at once.
type Package struct {
	Path  string
	Name  string
	Files []*File // those that belong to the package: neither tests nor generated

	Plugins     []*Plugin
	Contracts   []*Contract
	Bases       []*Base
	Hosts       []*Host
	Diagnostics []Diagnostic

	decls       map[string]*decl
	constantsOf map[string]constants // by name and build
	methods     map[string][]method  // by receiver type
	broken      map[string]bool      // types whose annotations have mistakes
	lost        bool                 // defaults of the package are, for a mistake in them
	asked       map[string]bool      // what is being asked of the package right now
	bases       map[string][]*Base   // those of Bases by symbol
	typed       map[string][]*Plugin // those that types declare, by symbol
}

// A Kind says what a plugin is declared by.
type Kind int

const (
	UnknownKind Kind = iota // what a newer version wrote, perhaps
	Type                    // a type: each plugin is made by new, or by its factory
	Func                    // a function that is the plugin
	Factory                 // a function that makes plugins
	Var                     // a variable that is the plugin
	Spec                    // a variable that is a registry.Spec
)

var kinds = [...]string{UnknownKind: "", Type: "type", Func: "func", Factory: "factory", Var: "var", Spec: "spec"}

// String returns the kind as generated files and lists show it.
func (k Kind) String() string { return kinds[k] }

// ParseKind returns the kind of which String returns s, or UnknownKind.
func ParseKind(s string) Kind { return Kind(max(0, slices.Index(kinds[:], s))) }

// A Plugin is one plugin, as its declaration describes it.
type Plugin struct {
	Namespace, Name string
	Kind            Kind
	Symbol          string // the identifier that declares it
	Decl            Span   // the identifier's place
	Directive       Span   // the comment or tag, or the identifier if there is none
	File            *File

	Requires        []string
	After, Before   []string
	Aliases         []string
	Priority        int
	Stability       string
	Deprecated      string
	DeprecatedSince string
	RemovalIn       string
	Doc             string
	Attrs           []Attr

	Factory    *Call // how it is made; nil for new(T), a function, or a variable
	ShouldLoad *Call
	Load       *Call
	TypeArgs   []ast.Expr
	Func       *ast.FuncDecl   // the function, of a Func
	Makes      ast.Expr        // of a Func: the type of its result if it could be a factory
	Methods    []*ast.FuncDecl // of a Type, those declared on it
	Address    bool            // of a Var: the plugin is &Symbol

	items     map[itemKey]item // what the method item returns, nil before it is called
	pairs     []Pair           // what is said of it, to point at
	end       token.Pos        // behind the last pair of its directive, where another can be added
	defaults  []Pair           // namespaces from the group and the package, weakest last
	embeds    []typeRef        // of a Type: where a namespace can come from
	lit       *ast.CompositeLit
	valueType ast.Expr // of a Var: its type, if that has to tell whether the plugin is its address
	broken    bool     // a mistake in it has been reported
}

// FactoryFix returns the fix that makes a factory of a function plugin.
func (p *Plugin) FactoryFix() *Fix {
	words := "factory"
	if p.pair("name") == nil && p.pair("name_from") == nil {
		words += " name=" + factoryName(p.Symbol)
	}
	return &Fix{Message: "add " + words, Span: Span{p.end, p.end}, New: " " + words}
}

// ID returns the plugin's namespace and name, joined by a colon.
func (p *Plugin) ID() string { return p.Namespace + ":" + p.Name }

// Span returns the place of a key in the plugin's directive, or of the whole
// directive if the key is not in it.
func (p *Plugin) Span(key string) Span {
	if pair := p.pair(key); pair != nil {
		return pair.span()
	}
	return p.Directive
}

// pair returns what is said of a key, nil if nothing is.
func (p *Plugin) pair(key string) *Pair {
	for i := range p.pairs {
		if p.pairs[i].Key.Text == key {
			return &p.pairs[i]
		}
	}
	return nil
}

// item returns the place of a value of a key, and whether it is the plugin's own
// and not a default.
func (p *Plugin) item(key, value string) (span Span, own bool) {
	if p.items == nil {
		p.items = map[itemKey]item{}
		for _, pair := range p.pairs {
			for _, w := range pair.Items {
				k := itemKey{pair.Key.Text, w.Text}
				if _, ok := p.items[k]; !ok {
					p.items[k] = item{w.Span, !pair.byDefault}
				}
			}
		}
	}
	if found, ok := p.items[itemKey{key, value}]; ok {
		return found.span, found.own
	}
	return p.Directive, true
}

type itemKey struct{ key, value string }

type item struct {
	span Span
	own  bool
}

// An Attr is a key of the user's own.
type Attr struct{ Key, Value string }

// An Arg is what a function named in a directive is passed.
type Arg int

const (
	NoArg   Arg = iota // nothing
	NameArg            // the plugin's name
	SpecArg            // the plugin's *registry.Spec
)

// A Call is a use of a declaration of the package that a directive names.
type Call struct {
	Symbol string
	Arg    Arg
	Error  bool // a factory that also returns an error
	Value  bool // not a function: a variable or constant
	Decl   *ast.FuncDecl
}

// A Base is a type that a struct inherits its namespace from by embedding it: an
// abstract base, or a plugin type.
type Base struct {
	Namespace string
	Symbol    string
	Decl      Span

	directive Span
	file      *File
}

// A reader collects what the files of a package declare.
type reader struct {
	*Package
	defaults  []Pair                   // of the package
	read      map[*ast.Comment]bool    // comments that were understood or reported
	tagged    map[*ast.StructType]bool // structs whose tags were
	file      *File                    // the one being read
	annotated bool                     // the package has to do with plugins for sure
	searches  int                      // for the names that were meant
	doc       docText
	embedding embedding
}

// Read returns what the files of one folder declare. All of the folder's files
// are needed, whatever builds they are for, but those that plugingen wrote. Plugins
// may lack a namespace until [Package.Resolve] has been called.
func Read(path string, files []*File) *Package {
	r := &reader{
		Package: &Package{
			Path: path, Name: packageName(files),
			decls: map[string]*decl{}, methods: map[string][]method{}, broken: map[string]bool{},
		},
		read: map[*ast.Comment]bool{}, tagged: map[*ast.StructType]bool{},
	}
	for _, f := range files {
		if f.test() || f.Syntax.Name.Name != r.Name {
			continue
		}
		r.index(f)
		if !f.generated {
			r.Files = append(r.Files, f)
			if annotated(f) {
				r.annotated = true
				r.checkConstraint(f)
			}
		}
	}
	for _, f := range r.Files {
		r.packageDefaults(f)
	}
	for _, f := range r.Files {
		r.declarations(f)
	}
	for _, f := range files {
		r.strays(f)
	}
	r.unusedDefaults()
	return r.Package
}

// annotated says whether a file has to do with plugins for sure.
func annotated(f *File) bool {
	for _, imp := range f.Syntax.Imports {
		if imp.Path.Value == `"`+RegistryPath+`"` {
			return true
		}
	}
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			if isDirective(c.Text) {
				return true
			}
		}
	}
	return false
}

// packageName returns the name that the folder's package has: that of most files,
// where a file that every build compiles weighs more than any that needs a tag.
func packageName(files []*File) string {
	weight := map[string]int{}
	best := ""
	for _, f := range files {
		if f.test() {
			continue
		}
		w := 1
		if f.Constraint.String() == "" {
			w = len(files) + 1
		}
		name := f.Syntax.Name.Name
		weight[name] += w
		if best == "" || weight[name] > weight[best] {
			best = name
		}
	}
	return best
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

func (r *reader) errorf(c Category, s Span, format string, args ...any) *Diagnostic {
	r.Diagnostics = append(r.Diagnostics, Diagnostic{Span: s, Category: c, Message: fmt.Sprintf(format, args...)})
	return &r.Diagnostics[len(r.Diagnostics)-1]
}

// directives returns the directives of a comment group, but for //plugin:link,
// which means the same wherever it stands at top level and is recorded here.
func (r *reader) directives(group *ast.CommentGroup) []*Directive {
	if group == nil {
		return nil
	}
	var found []*Directive
	for _, c := range group.List {
		if !isDirective(c.Text) || r.read[c] {
			continue
		}
		r.read[c] = true
		d, diags := parseComment(c)
		r.Diagnostics = append(r.Diagnostics, diags...)
		switch {
		case d.Get("link") != nil:
			r.host(d)
		case len(diags) == 0 || len(d.Pairs) > 0:
			found = append(found, d)
		}
	}
	return found
}

func (r *reader) declarations(f *File) {
	r.file = f
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			r.function(d)
		case *ast.GenDecl:
			r.group(d)
		}
	}
}

// group reads a declaration that may hold several in parentheses. What is said of
// the group is the default for those in it that have directives.
func (r *reader) group(g *ast.GenDecl) {
	above := r.directives(g.Doc)
	if g.Tok != token.TYPE && g.Tok != token.VAR {
		for _, d := range above {
			r.errorf(Placement, d.Span, "%s can't be a plugin: mark a type, a function or a variable", plainName(g.Tok))
		}
		return
	}
	var defaults []Pair
	doc := g.Doc
	if len(g.Specs) != 1 {
		defaults = r.groupDefaults(above)
		doc, above = nil, nil
	}
	used := false
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			used = r.typeSpec(spec, cmp.Or(spec.Doc, doc), append(above, r.directives(spec.Doc)...), defaults) || used
		case *ast.ValueSpec:
			used = r.valueSpec(spec, cmp.Or(spec.Doc, doc), append(above, r.directives(spec.Doc)...), defaults) || used
		}
	}
	if len(defaults) > 0 && !used {
		r.errorf(Placement, defaults[0].span(), "this is a default for the declarations of the group, but none of them has a directive")
	}
}

func plainName(t token.Token) string {
	if t == token.CONST {
		return "a constant"
	}
	return "an import"
}

// allowed reports the keys of d that mean nothing at the place, and says whether
// there were none.
func (r *reader) allowed(d *Directive, place Place) bool {
	ok := true
	for _, p := range d.Pairs {
		key, _ := keyNamed(p.Key.Text)
		switch {
		case p.guessed: // one message is enough: another key may have been meant
		case key.form == reserved:
			r.errorf(UnknownKey, p.Key.Span, "key %q is %s", key.Name, key.Doc)
			ok = false
		case key.On == OnHost && place != OnHost:
			r.errorf(Missing, p.span(), "key %q is for a host: begin with link, as in //plugin:link packages=all", key.Name)
			ok = false
		case key.On&place == 0:
			r.errorf(Placement, p.span(), "key %q is not allowed on %v: %s", key.Name, place, instead(key, place))
			ok = false
		}
	}
	return ok
}

// instead says what to do rather than to write a key where it means nothing.
func instead(key Key, place Place) string {
	switch {
	case place == OnSpec && key.On&OnVar != 0:
		return "set the field of the registry.Spec"
	case place == OnType && key.Name == "load":
		return "a type is loaded by its method Load"
	}
	return fmt.Sprintf("it is allowed on %v", key.On)
}

// checkConstraint reports what keeps the go command from building the file.
func (r *reader) checkConstraint(f *File) {
	lines := builds.Lines(f.Syntax)
	for i, line := range lines {
		span := Span{line.Pos(), line.End()}
		if _, err := constraint.Parse(line.Text); err != nil {
			r.errorf(Syntax, span, "this build constraint can't be parsed: %v", err)
		} else if i > 0 && constraint.IsGoBuild(line.Text) {
			r.errorf(Syntax, span, "a file has one //go:build line: join them by &&").Related =
				[]Related{{Span{lines[0].Pos(), lines[0].End()}, "the first one is here"}}
		}
	}
}
