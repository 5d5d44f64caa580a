package annotate

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode"

	"github.com/plugingen/plugingen/internal/rules"
)

// RegistryPath is the import path of the run-time package.
const RegistryPath = "github.com/plugingen/plugingen/registry"

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

// Imports answers what a package can't say of the packages that it imports. from is the
// file that refers to the other package: the answer is that of the builds that have it.
type Imports interface {
	// Namespace returns the namespace of a type: an abstract base, a plugin
	// type, or a struct that embeds one.
	Namespace(from *File, path, typeName string) (namespace string, ok bool)

	// Address reports whether a variable of a type is a plugin by its address, as is
	// one of a struct, and not by its value, as is one of an interface.
	Address(from *File, path, typeName string) (address, ok bool)

	// Constant returns the value of a string constant.
	Constant(from *File, path, name string) (value string, ok bool)
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
	pairs     []pair           // what is said of it, to point at
	end       token.Pos        // behind the last pair of its directive, where another can be added
	defaults  []pair           // namespaces from the group and the package, weakest last
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

// factoryName returns a name for what a factory makes.
func factoryName(symbol string) string {
	for _, verb := range []string{"New", "Make", "new", "make"} {
		if rest, ok := strings.CutPrefix(symbol, verb); ok && rest != "" {
			symbol = rest
			break
		}
	}
	return snakeCase(symbol)
}

// snakeCase turns an identifier into a plugin's name: ConfigureHTTPServer into
// configure_http_server.
func snakeCase(id string) string {
	rs := []rune(id)
	var b strings.Builder
	for i, c := range rs {
		if i > 0 && unicode.IsUpper(c) && rs[i-1] != '_' &&
			(!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
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
func (p *Plugin) pair(key string) *pair {
	for i := range p.pairs {
		if p.pairs[i].key.Text == key {
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
			for _, w := range pair.items {
				k := itemKey{pair.key.Text, w.Text}
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

// ReturnsAny reports whether the result of a factory says nothing of what it makes.
func (c *Call) ReturnsAny() bool {
	if c == nil || c.Decl == nil || c.Decl.Type.Results.NumFields() == 0 {
		return false
	}
	switch t := c.Decl.Type.Results.List[0].Type.(type) {
	case *ast.Ident:
		return t.Name == "any"
	case *ast.InterfaceType:
		return t.Methods.NumFields() == 0
	}
	return false
}

// like reports whether two declarations, which are for different builds, are used by the
// same code.
func (c *Call) like(d *Call) bool {
	return c.Arg == d.Arg && c.Error == d.Error && c.Value == d.Value && c.ReturnsAny() == d.ReturnsAny()
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

// A Host is a //plugin:link directive. A package may have several, in files of different
// builds: a build links what all those say that it compiles.
type Host struct {
	Directive  Span
	File       *File
	Packages   []Word
	Namespaces []Word
	Exclude    []Word
}

// A Contract is the type that the plugins of a namespace have: an interface that they
// satisfy, a func type, or by the key contract a struct, of which plugins are pointers,
// or a pointer type.
type Contract struct {
	Namespace string
	Symbol    string
	Decl      Span
	Directive Span
	File      *File
	Pointer   bool     // plugins are of type *Symbol, which is a struct
	Type      ast.Expr // *ast.InterfaceType, *ast.FuncType, *ast.StructType or *ast.StarExpr, or the identifier error or any
	TypeFile  *File    // the file that Type is in, whose imports it refers to
	Methods   MethodSet
}

// IsConcrete reports whether the contract is neither an interface nor a func type, so
// that plugins are of that one type and no other.
func (c *Contract) IsConcrete() bool {
	switch c.Type.(type) {
	case *ast.StructType, *ast.StarExpr:
		return true
	}
	return false
}

// Adapts returns the method by which a function satisfies the contract, as
// http.HandlerFunc does http.Handler: the only one besides the lifecycle's. It returns
// nil for a func type, and if there is no such method, or more than one, or it
// isn't known.
func (c *Contract) Adapts() *Method {
	if len(c.Methods.Own) != 1 || len(c.Methods.Unknown) > 0 {
		return nil
	}
	return &c.Methods.Own[0]
}

// A MethodSet is what syntax tells of an interface's methods.
type MethodSet struct {
	Own       []Method   // besides the lifecycle's
	Lifecycle []Method   // Load, ShouldLoad and Close, if the interface lists them
	LoadArgs  []TypeExpr // the A of each embedded registry.Plugin[A]
	Unknown   []TypeExpr // embedded interfaces that are not of the package

	names map[string]bool // of the methods
}

// add adds a method, unless it is there already: interfaces may overlap.
func (s *MethodSet) add(m Method) {
	switch {
	case s.names[m.Name]:
		return
	case s.names == nil:
		s.names = map[string]bool{}
	}
	s.names[m.Name] = true
	if rules.IsLifecycle(m.Name) {
		s.Lifecycle = append(s.Lifecycle, m)
	} else {
		s.Own = append(s.Own, m)
	}
}

// A Method is a method of an interface.
type Method struct {
	Name string
	Type *ast.FuncType
	Decl Span
	File *File
}

// A TypeExpr is a type as a file writes it, with the file's imports.
type TypeExpr struct {
	Expr ast.Expr
	File *File
}
