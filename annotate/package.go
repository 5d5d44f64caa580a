package annotate

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/rules"
)

// RegistryPath is the import path of package registry.
const RegistryPath = "github.com/plugingen/plugingen/registry"

// A Package is what the files of one package declare. Its methods are not safe for
// concurrent use.
type Package struct {
	Path  string
	Name  string
	Files []*File // without tests and generated files, and without files of another package

	Plugins     []*Plugin
	Contracts   []*Contract
	Bases       []*Base
	Hosts       []*Host
	Tagged      []*OptionStruct // structs with tags that declare options
	Shared      []*OptionStruct // structs with //plugin:options
	Diagnostics []Diagnostic

	decls              map[string]*decl
	constantsOf        map[string]constants // by name and build
	methods            map[string][]method  // by receiver type
	broken             map[string]bool      // types with annotations that have errors
	incompleteDefaults bool                 // package defaults are incomplete because of an error
	pending            map[string]bool      // questions that are being answered, to detect cycles
	bases              map[string][]*Base   // Bases by symbol
	typed              map[string][]*Plugin // Plugins of kind Type by symbol
}

// Imports answers questions about the packages that a package imports. from is the file
// that refers to the other package: the answer is for builds that include the file.
type Imports interface {
	// Namespace returns the namespace of a type: an abstract base, a plugin
	// type, or a struct that embeds one.
	Namespace(from *File, path, typeName string) (namespace string, ok bool)

	// Address reports whether the plugin that a variable of the type declares is the
	// address of the variable, as for a struct, or its value, as for an interface.
	Address(from *File, path, typeName string) (address, ok bool)

	// Constant returns the value of a string constant.
	Constant(from *File, path, name string) (value string, ok bool)
}

// A Kind is the kind of declaration that a plugin is declared by.
type Kind int

// The kinds of declarations.
const (
	UnknownKind Kind = iota // not known to this version
	Type                    // a type, of which new or a factory makes the plugin
	Func                    // a function that is the plugin
	Factory                 // a function that makes plugins
	Var                     // a variable that is the plugin
	Spec                    // a variable that is a registry.Spec
)

var kinds = [...]string{UnknownKind: "", Type: "type", Func: "func", Factory: "factory", Var: "var", Spec: "spec"}

// String returns the name of the kind, as it is in generated files.
func (k Kind) String() string { return kinds[k] }

// ParseKind returns the kind of which String returns s, or [UnknownKind].
func ParseKind(s string) Kind { return Kind(max(0, slices.Index(kinds[:], s))) }

// Properties are what the keys of a plugin say that plugingen copies as it is: into the
// registry.Spec of a generated file, from there into the hosts of other modules, and into
// the JSON of a list.
type Properties struct {
	Requires        []string `json:"requires,omitempty"`
	After           []string `json:"after,omitempty"`
	Before          []string `json:"before,omitempty"`
	Aliases         []string `json:"aliases,omitempty"`
	Priority        int      `json:"priority,omitempty"`
	Stability       string   `json:"stability,omitempty"`
	Deprecated      string   `json:"deprecated,omitempty"`
	DeprecatedSince string   `json:"deprecated_since,omitempty"`
	RemovalIn       string   `json:"removal_in,omitempty"`
	Doc             string   `json:"doc,omitempty"`
	Attrs           []Attr   `json:"-"`
}

// All returns the properties, in the order in which generated files have them.
func (p *Properties) All() iter.Seq[Property] {
	return func(yield func(Property) bool) {
		_ = yield(Property{"requires", "Requires", &p.Requires}) &&
			yield(Property{"after", "After", &p.After}) &&
			yield(Property{"before", "Before", &p.Before}) &&
			yield(Property{"aliases", "Aliases", &p.Aliases}) &&
			yield(Property{"priority", "Priority", &p.Priority}) &&
			yield(Property{"stability", "Stability", &p.Stability}) &&
			yield(Property{"deprecated", "Deprecated", &p.Deprecated}) &&
			yield(Property{"deprecated_since", "DeprecatedSince", &p.DeprecatedSince}) &&
			yield(Property{"removal_in", "RemovalIn", &p.RemovalIn}) &&
			yield(Property{"doc", "Doc", &p.Doc}) &&
			yield(Property{"x_...", "Attrs", &p.Attrs})
	}
}

// Deprecation describes the plugin's deprecation, as in "deprecated since v1.4, to be removed in
// v2.0: use b". It returns "" if the plugin is not deprecated.
func (p *Properties) Deprecation() string { return p.deprecation().String() }

func (p *Properties) deprecation() rules.Deprecation {
	return rules.Deprecation{
		Stability: p.Stability, Instead: p.Deprecated, Since: p.DeprecatedSince, RemovalIn: p.RemovalIn,
	}
}

// A Property is one of the [Properties] of a plugin.
type Property struct {
	Key   string // of the language
	Field string // of registry.Spec, and of Properties
	Value any    // a pointer to the value: a *string, *int, *[]string or *[]Attr
}

// An Attr is a key of the user's own, which begins with x_, and its value.
type Attr struct{ Key, Value string }

// A Plugin is one plugin, as its declaration describes it. [Package.Resolve] completes
// Namespace, Name and Address.
type Plugin struct {
	Namespace, Name string
	Kind            Kind
	Symbol          string // the identifier that declares it
	Decl            Span   // the identifier's span
	Directive       Span   // the comment or tag, or the identifier if there is none
	File            *File

	Properties

	Factory    *Call // the function that makes it; nil for new(T), a function, or a variable
	ShouldLoad *Call
	Load       *Call
	TypeArgs   []ast.Expr
	Func       *ast.FuncDecl // the function, of a Func
	Makes      ast.Expr      // of a Func: the type of its result if it could be a factory
	Methods    []Method      // of a Type, those declared on it
	Address    bool          // of a Var: the plugin is &Symbol

	items     map[itemKey]item // by key and value; nil until method item is called
	pairs     []pair           // of the directive, and defaults
	end       token.Pos        // the end of the last pair of its directive, where another can be added
	defaults  []pair           // default namespaces of the group and the package, in this order
	embeds    []typeRef        // of a Type: the types from which it can inherit a namespace
	lit       *ast.CompositeLit
	valueType ast.Expr // of a Var: its type, if Address depends on a type of another package
	broken    bool     // an error in it has been reported
}

// FactoryFix returns the fix by which a function plugin becomes a factory.
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
	return rules.SnakeCase(symbol)
}

// ID returns the plugin's namespace and name, joined by a colon.
func (p *Plugin) ID() string { return p.Namespace + ":" + p.Name }

// Span returns the span of a key and its value, or of the whole directive if the key is
// not given.
func (p *Plugin) Span(key string) Span {
	if pair := p.pair(key); pair != nil {
		return pair.span()
	}
	return p.Directive
}

// pair returns the pair with a key, or nil.
func (p *Plugin) pair(key string) *pair {
	for i := range p.pairs {
		if p.pairs[i].key.Text == key {
			return &p.pairs[i]
		}
	}
	return nil
}

// item returns the span of one item of the value of a key, and whether it is the
// plugin's own and not a default.
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

// An Arg is the argument of a function that a directive names.
type Arg int

// The arguments of functions that directives name.
const (
	NoArg   Arg = iota // nothing
	NameArg            // the plugin's name
	SpecArg            // the plugin's *registry.Spec
)

// A Call is the use of a function, variable or constant of the package that a directive
// names.
type Call struct {
	Symbol string
	Arg    Arg
	Error  bool // a factory that returns an error as second result
	Value  bool // not a function: a variable or constant
	Decl   *ast.FuncDecl

	Options ast.Expr // of a factory: the type of its last parameter if that may be options, in File
	File    *File    // where Decl is
}

// ReturnsAny reports whether the result of a factory is of type any.
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

// like reports whether generated code can use two declarations, of different builds, in
// the same way.
func (c *Call) like(d *Call) bool {
	return c.Arg == d.Arg && c.Error == d.Error && c.Value == d.Value && c.ReturnsAny() == d.ReturnsAny() &&
		exprString(c.Options) == exprString(d.Options)
}

// exprString returns the source of an expression, "" for nil.
func exprString(e ast.Expr) string {
	if e == nil {
		return ""
	}
	return types.ExprString(e)
}

// A Base is a type from which structs that embed it inherit their namespace: an abstract
// base or a plugin type.
type Base struct {
	Namespace string
	Symbol    string
	Decl      Span

	directive Span
	file      *File
}

// A Host is a //plugin:link directive. A package can have several, in files of different
// builds: a build links what the directives in its files select together.
type Host struct {
	Directive  Span
	File       *File
	Packages   []Word
	Namespaces []Word
	Exclude    []Word
}

// Rule returns the directive, in a package of a module, as package rules has it.
func (h *Host) Rule(importPath, module string) *rules.Host {
	return &rules.Host{
		Package: importPath, Module: module, Packages: texts[rules.Pattern](h.Packages),
		Namespaces: texts[rules.Selector](h.Namespaces), Exclude: texts[rules.Selector](h.Exclude),
	}
}

func texts[T ~string](words []Word) []T {
	var all []T
	for _, w := range words {
		all = append(all, T(w.Text))
	}
	return all
}

// A Contract is the type of the plugins of a namespace: an interface that they satisfy,
// or a func type. With the key contract it is a struct, to which plugins are pointers, or
// a pointer type.
type Contract struct {
	Namespace string
	Symbol    string
	Decl      Span
	Directive Span
	File      *File
	Pointer   bool     // Symbol is a struct, and plugins are of type *Symbol
	Options   string   // whose struct tags name the options of plugins: toml, json, yaml, mapstructure, or ""
	Section   string   // where the configuration has the plugins, "" if it is not said
	Type      ast.Expr // an interface, func, struct or pointer type, or the identifier error or any
	Methods   MethodSet
}

// IsConcrete reports whether the contract is a struct or a pointer type, so that all
// plugins are of that type.
func (c *Contract) IsConcrete() bool {
	switch c.Type.(type) {
	case *ast.StructType, *ast.StarExpr:
		return true
	}
	return false
}

// Adapts returns the method that an adapter of a function has to have, as
// http.HandlerFunc has ServeHTTP: the only method of the interface, lifecycle methods
// aside. It returns nil if there is not exactly one, or if syntax does not tell.
func (c *Contract) Adapts() *Method {
	if len(c.Methods.Own) != 1 || len(c.Methods.Unknown) > 0 {
		return nil
	}
	return &c.Methods.Own[0]
}

// A MethodSet is the methods of an interface, as far as syntax tells.
type MethodSet struct {
	Own       []Method   // all but lifecycle methods
	Lifecycle []Method   // Load, ShouldLoad and Close, if the interface has them
	LoadArgs  []TypeExpr // the argument A of each embedded registry.Plugin[A]
	Unknown   []TypeExpr // embedded interfaces of other packages

	names map[string]bool // of the methods
}

// add adds a method, unless there is one of that name: embedded interfaces may overlap.
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

// A Method is a method of an interface, or one that is declared on a type.
type Method struct {
	Name string
	Type *ast.FuncType
	Decl Span
	File *File
}

// A TypeExpr is a type expression and the file that it is in.
type TypeExpr struct {
	Expr ast.Expr
	File *File
}

// An OptionStruct is a struct with options, as its own declaration says.
type OptionStruct struct {
	Symbol    string
	Naming    string // of //plugin:options=toml: the struct tags that name the options, or ""
	Section   string // of //plugin:options section=
	Directive Span   // //plugin:options, or the first tag
	File      *File
}

// A File is one file of a package.
type File struct {
	Name       string // without directory
	Syntax     *ast.File
	Constraint builds.Constraint

	source    *token.File
	generated bool
	imports   map[string]string // what ImportPath returns, nil before it has been called
}

// A decl is a package-level declaration.
type decl struct {
	file  *File
	ident *ast.Ident
	typ   *ast.TypeSpec
	fn    *ast.FuncDecl
	val   *ast.ValueSpec
	value ast.Expr // of a variable or constant, nil if several share one
	konst bool
	next  *decl // another declaration of the name, for other builds
}

// A method is a method declaration, and the file that it is in.
type method struct {
	*ast.FuncDecl
	file *File
}

// asMethod returns what others need of the method.
func (m method) asMethod() Method { return Method{m.Name.Name, m.Type, identSpan(m.Name), m.file} }

// A typeRef is a reference to a named type in a file. path is "" for a type of the package
// itself. If no import has the name that qualifies the type, name is qualified.
type typeRef struct {
	path, name string
	file       *File
}

// constants are the values of a constant, or the reason why they are unknown.
type constants struct {
	values []constValue
	why    string
}

// A constValue is the value of a constant expression in builds that meet a constraint.
type constValue struct {
	text  string
	build builds.Constraint
}
