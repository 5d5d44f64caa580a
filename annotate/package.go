package annotate

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// A File is one file of a package.
type File struct {
	Name       string // without folder
	Syntax     *ast.File
	Constraint Constraint

	source *token.File
}

// NewFile returns a File with the constraint that its name and syntax imply.
// syntax was parsed with comments, into fset.
func NewFile(fset *token.FileSet, name string, syntax *ast.File) *File {
	return &File{name, syntax, FileConstraint(name, syntax), fset.File(syntax.Package)}
}

func (f *File) test() bool { return strings.HasSuffix(f.Name, "_test.go") }

// A Package is what the files of one package declare.
type Package struct {
	Path  string
	Name  string
	Files []*File // those that belong to the package: neither tests nor generated

	Plugins     []*Plugin
	Contracts   []*Contract
	Bases       []*Base
	Hosts       []*Host
	Diagnostics []Diagnostic

	decls   map[string]*decl
	methods map[string][]*ast.FuncDecl // by receiver type
}

// A Kind says what a plugin is declared by.
type Kind int

const (
	Type    Kind = iota // a type: each plugin is made by new, or by its factory
	Func                // a function that is the plugin
	Factory             // a function that makes plugins
	Var                 // a variable that is the plugin
	Spec                // a variable that is a registry.Spec
)

// String returns the kind as "plugingen list" shows it.
func (k Kind) String() string {
	return [...]string{"type", "func", "factory", "var", "spec"}[k]
}

// A Plugin is one plugin, as its declaration describes it.
type Plugin struct {
	Namespace, Name string
	Kind            Kind
	Symbol          string // the identifier that declares it
	Decl            Span   // the identifier's place
	Directive       Span   // the comment or tag, or the identifier if there is none
	File            *File

	Requires   []string
	Aliases    []string
	Priority   int
	Deprecated string
	Doc        string
	Attrs      []Attr

	Factory    *Call // how it is made; nil for new(T), a function, or a variable
	ShouldLoad *Call
	Load       *Call
	TypeArgs   []ast.Expr
	Func       *ast.FuncDecl   // the function, of a Func
	Methods    []*ast.FuncDecl // of a Type, those declared on it
	Address    bool            // of a Var: the plugin is &Symbol

	keys     map[string]Span // the keys that the directive gives, to point at
	defaults []Pair          // from the group and the package, weakest last
	embeds   []typeRef       // of a Type: where a namespace can come from
	lit      *ast.CompositeLit
}

// ID returns the plugin's namespace and name, joined by a colon.
func (p *Plugin) ID() string { return p.Namespace + ":" + p.Name }

// Span returns the place of a key in the plugin's directive, or of the whole
// directive if the key is not in it.
func (p *Plugin) Span(key string) Span {
	if s, ok := p.keys[key]; ok {
		return s
	}
	return p.Directive
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

// A Contract is an interface or func type that the plugins of a namespace satisfy.
type Contract struct {
	Namespace string
	Symbol    string
	Decl      Span
	Directive Span
	File      *File
	Type      ast.Expr // *ast.InterfaceType or *ast.FuncType
}

// A Base is a type that a struct inherits its namespace from by embedding it: an
// abstract base, or a plugin type.
type Base struct {
	Namespace string
	Symbol    string
	Decl      Span
}

// A Host is a //plugin:link directive.
type Host struct {
	Directive  Span
	File       *File
	Packages   []Word
	Namespaces []Word
	Exclude    []Word
}

// A decl is a package-level declaration. Of several with one name, in files for
// different builds, the first stands for all.
type decl struct {
	file  *File
	ident *ast.Ident
	typ   *ast.TypeSpec
	fn    *ast.FuncDecl
	val   *ast.ValueSpec
	value ast.Expr // of a variable or constant, if it has one of its own
	konst bool
}

func (d *decl) what() string {
	switch {
	case d.typ != nil:
		return "a type"
	case d.fn != nil:
		return "a function"
	case d.konst:
		return "a constant"
	}
	return "a variable"
}

// A reader collects what the files of a package declare.
type reader struct {
	*Package
	defaults []Pair                // of the package
	read     map[*ast.Comment]bool // comments that were understood or reported
	file     *File                 // the one being read
}

// Read returns what the files of one folder declare. All of the folder's files
// are needed, whatever builds they are for, but those that plugingen wrote. Plugins
// may lack a namespace until [Package.Resolve] has been called.
func Read(path string, files []*File) *Package {
	r := &reader{
		Package: &Package{Path: path, Name: packageName(files), decls: map[string]*decl{}, methods: map[string][]*ast.FuncDecl{}},
		read:    map[*ast.Comment]bool{},
	}
	for _, f := range files {
		if !f.test() && f.Syntax.Name.Name == r.Name && !ast.IsGenerated(f.Syntax) {
			r.Files = append(r.Files, f)
			r.index(f)
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
	return r.Package
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

func (r *reader) index(f *File) {
	add := func(d *decl) {
		d.file = f
		if _, ok := r.decls[d.ident.Name]; !ok {
			r.decls[d.ident.Name] = d
		}
	}
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(&decl{ident: d.Name, fn: d})
			} else if name := receiver(d); name != "" {
				r.methods[name] = append(r.methods[name], d)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(&decl{ident: spec.Name, typ: spec})
				case *ast.ValueSpec:
					for i, name := range spec.Names {
						v := &decl{ident: name, val: spec, konst: d.Tok == token.CONST}
						if len(spec.Values) == len(spec.Names) {
							v.value = spec.Values[i]
						}
						add(v)
					}
				}
			}
		}
	}
}

// receiver returns the name of the type that a method is declared on.
func receiver(fn *ast.FuncDecl) string {
	if len(fn.Recv.List) != 1 {
		return ""
	}
	id, _ := baseType(fn.Recv.List[0].Type).(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
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
		if !strings.HasPrefix(c.Text, prefix) || r.read[c] {
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

// packageDefaults reads the doc comment of a file's package clause.
func (r *reader) packageDefaults(f *File) {
	r.file = f
	for _, d := range r.directives(f.Syntax.Doc) {
		if !r.allowed(d, OnPackage) {
			continue
		}
		for _, p := range d.Pairs {
			if i := slices.IndexFunc(r.defaults, func(q Pair) bool { return q.Key.Text == p.Key.Text }); i >= 0 {
				r.errorf(Duplicate, p.span(), "the package has a default for %q already", p.Key.Text).Related =
					[]Related{{r.defaults[i].span(), "it is here"}}
				continue
			}
			r.defaults = append(r.defaults, p)
		}
	}
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
			r.errorf(Placement, d.Span, "%s can't be a plugin: mark a type, a function or a variable",
				map[token.Token]string{token.CONST: "a constant", token.IMPORT: "an import"}[g.Tok])
		}
		return
	}
	var defaults []Pair
	if len(g.Specs) != 1 {
		defaults = r.groupDefaults(above)
		above = nil
	}
	used := false
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			used = r.typeSpec(spec, cmp.Or(spec.Doc, g.Doc), append(above, r.directives(spec.Doc)...), defaults) || used
		case *ast.ValueSpec:
			used = r.valueSpec(spec, cmp.Or(spec.Doc, g.Doc), append(above, r.directives(spec.Doc)...), defaults) || used
		}
	}
	if len(defaults) > 0 && !used {
		r.errorf(Placement, defaults[0].span(), "this is a default for the declarations of the group, but none of them has a directive")
	}
}

func (r *reader) groupDefaults(above []*Directive) []Pair {
	var defaults []Pair
	for _, d := range above {
		if d.Get("name") != nil {
			r.errorf(Placement, d.Span, "a directive with a name stands above a group of several declarations: put it above the one it is for")
			continue
		}
		if r.allowed(d, OnPackage) {
			defaults = append(defaults, d.Pairs...)
		}
	}
	return defaults
}

// allowed reports the keys of d that mean nothing at the place, and says whether
// there were none.
func (r *reader) allowed(d *Directive, place Place) bool {
	ok := true
	for _, p := range d.Pairs {
		key, _ := keyNamed(p.Key.Text)
		switch {
		case key.form == reserved:
			r.errorf(UnknownKey, p.Key.Span, "key %q is %s", key.Name, key.Doc)
			ok = false
		case key.On&place == 0:
			r.errorf(Placement, p.span(), "key %q means nothing on %v: it stands on %v", key.Name, place, key.On)
			ok = false
		}
	}
	return ok
}

// host reads a //plugin:link directive.
func (r *reader) host(d *Directive) {
	if !r.allowed(d, OnHost) {
		return
	}
	h := &Host{Directive: d.Span, File: r.file}
	for _, p := range d.Pairs {
		var list *[]Word
		switch p.Key.Text {
		case "packages":
			list = &h.Packages
		case "namespaces":
			list = &h.Namespaces
		case "exclude":
			list = &h.Exclude
		default:
			r.bare(p)
			continue
		}
		*list = r.items(p)
		for _, w := range *list {
			if w.Text == "" {
				r.errorf(BadValue, w.Span, "an empty pattern matches nothing")
			}
		}
	}
	if len(r.Hosts) > 0 {
		r.errorf(Duplicate, d.Span, "the package links plugins already: one //plugin:link names all (packages=a/...,b/...)").Related =
			[]Related{{r.Hosts[0].Directive, "it is here"}}
		return
	}
	r.Hosts = append(r.Hosts, h)
}
