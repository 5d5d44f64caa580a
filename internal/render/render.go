package render

import (
	"bytes"
	"fmt"
	"go/ast"
	"maps"
	pathpkg "path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// Append appends the whole file to b, header included. It is laid out as gofmt
// does, with imports as goimports groups them. The error names the file's path.
func Append(b []byte, f *File) ([]byte, error) {
	scratch := scratches.Get().(*scratch)
	defer scratches.Put(scratch)
	scratch.key = scratch.key[:0]
	scratch.body.Reset()
	known := f.importsOf()
	r := &renderer{
		File: f, known: known, imports: f.importNames(known),
		used: map[string]bool{genfile.GeneratedPath: true}, scratch: scratch,
	}
	r.names = r.fixed()
	r.names.appendTo(&r.key)
	r.version()
	r.records()
	for i := range f.Specs {
		r.spec(&f.Specs[i])
	}
	r.structs()
	if len(f.Tables)+len(f.Sections) > 0 {
		r.links()
	}
	for _, a := range f.Assertions {
		r.assertion(a)
	}
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, r.err)
	}
	return r.file(b), nil
}

// A renderer writes one file.
type renderer struct {
	*File
	known   map[string]string // the names of packages, by path
	imports map[string]string // what imports are called, by path
	used    map[string]bool   // those that the file mentions, by path
	names   names
	*scratch
	err error
}

// A scratch is memory that one file after another is rendered in.
type scratch struct {
	extract extractor    // of the declaration that is being written
	spec    Spec         // the same, if it is one
	key     key          // of its template; begins with the names
	body    bytes.Buffer // what follows the imports
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// file appends the file with the body.
func (r *renderer) file(to []byte) []byte {
	b := bytes.NewBuffer(to)
	b.Grow(len(r.Preamble) + r.body.Len() + 300 + 60*len(r.used))
	b.WriteString(r.Preamble)
	fmt.Fprintf(b, "%s\n\n", genfile.Header)
	if r.Constraint != "" {
		fmt.Fprintf(b, "//go:build %s\n\n", r.Constraint)
	}
	fmt.Fprintf(b, "package %s\n\n", r.Package)
	r.writeImports(b)
	b.Write(r.body.Bytes())
	return b.Bytes()
}

// writeImports writes the imports in three groups: the standard library, import paths without
// a dot in their first element, all others.
func (r *renderer) writeImports(b *bytes.Buffer) {
	groups := make([][]string, 3)
	for _, path := range slices.Sorted(maps.Keys(r.used)) {
		group := 2
		switch first, _, _ := strings.Cut(path, "/"); {
		case rules.IsStandard(path):
			group = 0
		case !strings.Contains(first, "."):
			group = 1
		}
		line := strconv.Quote(path)
		// so that a reader need not know the package
		if name := r.imports[path]; name != r.known[path] || name != pathpkg.Base(path) {
			line = name + " " + line
		}
		groups[group] = append(groups[group], line)
	}
	groups = slices.DeleteFunc(groups, func(g []string) bool { return len(g) == 0 })
	if len(r.used) == 1 {
		fmt.Fprintf(b, "import %s\n", groups[0][0])
		return
	}
	b.WriteString("import (\n")
	for i, group := range groups {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, line := range group {
			fmt.Fprintf(b, "\t%s\n", line)
		}
	}
	b.WriteString(")\n")
}

// version makes the compiler check that the registry can run the file.
func (r *renderer) version() {
	fmt.Fprintf(&r.body,
		"\n// If this does not compile, the file was written for another version of the "+
			"registry: run plugingen again.\n"+
			"const _ = %s.%s1\n", r.imports[genfile.GeneratedPath], genfile.VersionPrefix)
}

// records writes down what other packages and modules ask of this one.
func (r *renderer) records() {
	var lines []string
	for _, m := range r.Contracts {
		lines = append(lines, genfile.ContractRecord+m.String())
	}
	for _, i := range r.Interfaces {
		lines = append(lines, genfile.InterfaceRecord+i.String())
	}
	for _, m := range r.Bases {
		lines = append(lines, genfile.BaseRecord+m.String())
	}
	if len(lines) > 0 {
		r.body.WriteByte('\n')
	}
	for _, line := range lines {
		r.body.WriteString(printable(line) + "\n")
	}
}

// names are the names of a file that its declarations may refer to.
type names struct {
	Path                string // the package's import path, a placeholder
	Registry, Generated string // imports
	Context             string
	Spec, Plugin, Err   string // local variables; they hide nothing that a function refers to
	Options             string
	NoAny, NoNew        bool // the package hides these
}

// free returns a name for a variable that the package does not have.
func (r *renderer) free(name string) string {
	for slices.Contains(r.Reserved, name) {
		name += "_"
	}
	return name
}

func (r *renderer) fixed() names {
	return names{
		Path: placeholder(pathPlaceholder), Registry: r.imports[annotate.RegistryPath],
		Generated: r.imports[genfile.GeneratedPath], Context: r.imports["context"],
		Spec: r.free("spec"), Plugin: r.free("plugin"), Err: r.free("err"), Options: r.free("options"),
		NoAny: slices.Contains(r.Reserved, "any"), NoNew: slices.Contains(r.Reserved, "new"),
	}
}

// ref returns a reference to a declaration.
func (r *renderer) ref(ref code.Ref) argument {
	return r.qualified(ref.Path.String(), ref.Name.String())
}

func (r *renderer) qualified(path, name string) argument {
	if path == r.Path {
		return argument{text: name}
	}
	return argument{text: r.imports[path] + "." + name, path: path}
}

// extractRef returns a reference with a placeholder. Only its name counts.
func (r *renderer) extractRef(h *extractor, ref code.Ref) code.Ref {
	return code.Ref{Name: h.identPlaceholder(r.ref(ref))}
}

func (r *renderer) extractContract(h *extractor, c Contract) Contract {
	return Contract{r.extractRef(h, c.Ref), c.Pointer}
}

// pathPlaceholder is the placeholder for the package's import path.
const pathPlaceholder = 0

// start returns the extractor for another declaration.
func (r *renderer) start() *extractor {
	r.extract.arguments = append(r.extract.arguments[:0], argument{text: r.Path})
	return &r.extract
}

// declare writes a declaration of a kind, with placeholders.
func declare[T interface{ appendTo(*key) }](r *renderer, kind string, declaration T, build func(*builder, T)) {
	names := len(r.key)
	r.key.texts(kind)
	declaration.appendTo(&r.key)
	f, err := templateOf(r.key, r.names, declaration, build)
	r.key = r.key[:names]
	if err != nil {
		r.err = err
		return
	}
	f.fill(&r.body, r.extract.arguments, r.used)
	for _, path := range f.imports {
		r.used[path] = true
	}
}

func (r *renderer) spec(s *Spec) {
	h, f := r.start(), &r.scratch.spec
	*f = *s
	f.Identifier, f.Symbol, f.Load, f.Method = h.ident(s.Identifier), h.ident(s.Symbol),
		h.ident(s.Load), h.ident(s.Method)
	h.word(&f.Namespace)
	h.word(&f.Name)
	h.properties(&f.Properties)
	f.Factory, f.ShouldLoad = h.call(s.Factory), h.call(s.ShouldLoad)
	f.TypeArgs = r.extractTypes(h, s.TypeArgs)
	if s.Options != nil {
		f.Options = r.extractUse(h, *s.Options)
	}
	if s.Contract != nil {
		f.Contract = new(r.extractContract(h, *s.Contract))
	}
	if s.Adapter != nil {
		f.Adapter = r.extractAdapter(h, s.Adapter)
	}
	declare(r, "spec", f, (*builder).spec)
}

func (r *renderer) extractUse(h *extractor, use Use) *Use {
	use.table = h.placeholder(r.tableRef(use.Struct))
	if use.Param || use.Reloads {
		use.typ = h.placeholder(r.typ(use.Struct.Go))
	}
	return &use
}

func (r *renderer) extractAdapter(h *extractor, a *Adapter) *Adapter {
	f := *a
	f.Method = h.ident(a.Method)
	f.Params, f.Results = r.extractTypes(h, a.Params), r.extractTypes(h, a.Results)
	if !a.LoadArg.IsZero() {
		f.LoadArg = h.typePlaceholder(r.typ(a.LoadArg))
	}
	return &f
}

func (r *renderer) extractTypes(h *extractor, types []code.Type) []code.Type {
	var placeholders []code.Type
	for _, t := range types {
		placeholders = append(placeholders, h.typePlaceholder(r.typ(t)))
	}
	return placeholders
}

func (f *File) linksName() string {
	if f.Slug == "" {
		return "pluginLinks"
	}
	return "pluginLinks_" + f.Slug
}

// links is the tables and sections of a host.
type links struct {
	Name, Host string
	Tables     []linksTable
	Sections   []linksSection
}

// A linksTable is a Table; all its specs are one placeholder.
type linksTable struct{ Namespace, Specs string }

// A linksSection is a Section.
type linksSection struct{ Path, Namespace, Options string }

func (r *renderer) links() {
	h := r.start()
	l := links{Name: r.linksName(), Host: r.Host}
	for _, s := range r.Sections {
		section := linksSection{Path: s.Path, Namespace: s.Namespace}
		h.text(&section.Path)
		h.text(&section.Namespace)
		if s.Struct != nil {
			section.Options = h.placeholder(r.tableRef(s.Struct))
		}
		l.Sections = append(l.Sections, section)
	}
	for _, t := range r.Tables {
		h.text(&t.Namespace)
		l.Tables = append(l.Tables, linksTable{t.Namespace, h.placeholder(r.references(t.Specs))})
	}
	declare(r, "links", l, (*builder).links)
}

// references returns the elements of a table.
func (r *renderer) references(specs []code.Ref) argument {
	var elements []string
	var imports []string
	for _, s := range specs {
		ref := r.ref(s)
		elements = append(elements, "&"+ref.text)
		if ref.path != "" {
			imports = append(imports, ref.path)
		}
	}
	return argument{text: strings.Join(elements, ",\n\t\t\t\t"), imports: imports}
}

func (r *renderer) assertion(a Assertion) {
	h := r.start()
	f := a
	f.Contract = r.extractContract(h, a.Contract)
	f.Factory = h.call(a.Factory)
	if a.Factory != nil {
		a.Plugin.Name = a.Factory.Symbol
	}
	f.Plugin = r.extractRef(h, a.Plugin)
	if a.Options != nil {
		use := *a.Options
		use.typ = h.placeholder(r.qualified(use.Struct.Path, use.Struct.Name))
		f.Options = &use
	}
	declare(r, "assertion", f, (*builder).hostAssertion)
}

// A builder builds declarations with jennifer, with placeholders.
type builder struct {
	names   names
	out     *jen.File
	imports []string // paths of what it refers to
}

func (r *builder) registry(name string) *jen.Statement {
	r.uses(annotate.RegistryPath)
	return jen.Id(r.names.Registry + "." + name)
}

// generated refers to a name of the package that every file imports.
func (r *builder) generated(name string) *jen.Statement {
	return jen.Id(r.names.Generated + "." + name)
}

func (r *builder) uses(path string) {
	if !slices.Contains(r.imports, path) {
		r.imports = append(r.imports, path)
	}
}

func id(name code.Ident) *jen.Statement { return jen.Id(name.String()) }

// ref writes a reference, which has a placeholder.
func (r *builder) ref(ref code.Ref) *jen.Statement { return id(ref.Name) }

// contract writes the type that plugins are assignable to.
func (r *builder) contract(c Contract) *jen.Statement {
	if c.Pointer {
		return prefixed("*", r.ref(c.Ref))
	}
	return r.ref(c.Ref)
}

// typ writes a type, which has a placeholder.
func (r *builder) typ(t code.Type) *jen.Statement {
	return jen.Id(t.Expr().(*ast.SelectorExpr).Sel.Name)
}

func (r *builder) types(list []code.Type) []jen.Code {
	var all []jen.Code
	for _, t := range list {
		all = append(all, r.typ(t))
	}
	return all
}

// comment writes a line of text as a comment.
func (r *builder) comment(format string, args ...any) {
	r.directive("// " + fmt.Sprintf(format, args...))
}

// directive writes a line that begins with two slashes.
func (r *builder) directive(line string) { r.out.Comment(line) }

func (r *builder) contextType() *jen.Statement {
	r.uses("context")
	return jen.Id(r.names.Context + ".Context")
}

// specPointer writes the type that functions of the registry take.
func (r *builder) specPointer() *jen.Statement { return prefixed("*", r.registry("Spec")) }

// links writes the tables and the sections of a host, and links them.
func (r *builder) links(l links) {
	r.comment("%s is what %s links into the program.", l.Name, l.Host)
	fields := []jen.Code{concat(jen.Op("Host: "), jen.Lit(r.names.Path))}
	if len(l.Tables) > 0 {
		fields = append(fields, concat(jen.Op("Tables: "), r.tables(l.Tables)))
	}
	if len(l.Sections) > 0 {
		fields = append(fields, concat(jen.Op("Sections: "), r.sections(l.Sections)))
	}
	r.out.Var().Id(l.Name).Op("=").Add(table(r.ofSpecs("Links"), fields...))
	r.out.Line()
	r.out.Func().Add(call(jen.Id("init"))).Block(
		call(selected(r.registry("Default"), "Link"), prefixed("&", jen.Id(l.Name))))
}

// ofSpecs writes a type of package generated that is one of specs.
func (r *builder) ofSpecs(name string) *jen.Statement {
	return instance(r.generated(name), []jen.Code{r.registry("Spec")})
}

func (r *builder) tables(all []linksTable) *jen.Statement {
	var tables []jen.Code
	for _, t := range all {
		tables = append(tables, table(jen.Null(),
			concat(jen.Op("Namespace: "), jen.Lit(t.Namespace)),
			concat(jen.Op("Specs: "), table(prefixed("[]*", r.registry("Spec")), jen.Id(t.Specs))),
		))
	}
	return table(prefixed("[]", r.ofSpecs("Table")), tables...)
}

func (r *builder) sections(list []linksSection) *jen.Statement {
	var all []jen.Code
	for _, s := range list {
		fields := []jen.Code{concat(jen.Op("Path: "), jen.Lit(s.Path))}
		if s.Namespace != "" {
			fields = append(fields, concat(jen.Op("Namespace: "), jen.Lit(s.Namespace)))
		}
		if s.Options != "" {
			fields = append(fields, concat(jen.Op("Options: &"), jen.Id(s.Options)))
		}
		all = append(all, values(jen.Null(), fields...))
	}
	return table(prefixed("[]", r.generated("Section")), all...)
}

// hostAssertion makes the compiler check that a plugin satisfies a contract that its own
// package can't name. What has to be called or read stands in a function that is never
// called: the linker drops it.
func (r *builder) hostAssertion(a Assertion) {
	contract, plugin := r.contract(a.Contract), r.ref(a.Plugin)
	switch {
	case a.Factory == nil && a.Kind == annotate.Type:
		r.out.Var().Id("_").Add(contract).Op("=").Add(nilPointer(plugin))
		return
	case a.Factory == nil && a.Kind == annotate.Func:
		r.out.Var().Id("_").Add(contract).Op("=").Add(plugin)
		return
	case a.Factory != nil:
		var options []jen.Code
		switch use := a.Options; {
		case use != nil && use.Pointer:
			options = append(options, jen.Nil())
		case use != nil:
			options = append(options, values(jen.Id(use.typ)))
		}
		plugin = r.call(plugin, a.Factory, options...)
	case a.Address:
		plugin = prefixed("&", plugin)
	}
	body := []jen.Code{jen.Var().Id("_").Add(contract).Op("=").Add(plugin)}
	if a.Factory != nil && a.Factory.Error {
		body = []jen.Code{
			list(jen.Id(r.names.Plugin), jen.Id("_")).Op(":=").Add(plugin),
			jen.Var().Id("_").Add(contract).Op("=").Id(r.names.Plugin),
		}
	}
	r.out.Func().Add(call(jen.Id("_"), jen.Id(r.names.Spec).Add(r.specPointer()))).Block(body...)
}
