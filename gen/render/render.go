package render

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
)

// Render returns the whole file, header included.
func Render(f *File) ([]byte, error) {
	r := &renderer{File: f, out: jen.NewFilePathName(f.Path, f.Package)}
	if f.Constraint != "" {
		r.out.HeaderComment("//go:build " + f.Constraint)
	}
	r.importName(annotate.RegistryPath, "registry")
	r.version()
	r.marks()
	for i := range f.Specs {
		r.spec(&f.Specs[i])
	}
	if len(f.Tables) > 0 {
		r.links()
	}
	var b bytes.Buffer
	b.WriteByte('\n')
	if err := r.out.Render(&b); err != nil {
		return nil, fmt.Errorf("generated code for %s is not valid Go, which is a mistake of plugingen's: %w", f.Path, err)
	}
	return genfile.Seal(f.Sum(), b.Bytes()), nil
}

type renderer struct {
	*File
	out *jen.File
}

// importName tells what a package is called, so that its import needs no name
// unless the package that the file is in has a declaration of the same name.
func (r *renderer) importName(path, name string) {
	if !slices.Contains(r.Taken, name) {
		r.out.ImportName(path, name)
		return
	}
	for i := 1; ; i++ {
		if alias := name + strconv.Itoa(i); !slices.Contains(r.Taken, alias) {
			r.out.ImportAlias(path, alias)
			return
		}
	}
}

func (r *renderer) registry(name string) *jen.Statement {
	return jen.Qual(annotate.RegistryPath, name)
}

func (r *renderer) ref(ref Ref) *jen.Statement {
	if ref.Path == "" || ref.Path == r.Path {
		return jen.Id(ref.Name)
	}
	r.importName(ref.Path, ref.Package)
	return jen.Qual(ref.Path, ref.Name)
}

// version makes the compiler check that the registry can run the file.
func (r *renderer) version() {
	r.out.Comment("If this does not compile, the file was written for another version of the registry: run plugingen again.")
	r.out.Const().Id("_").Op("=").Add(r.registry(genfile.VersionPrefix + "1"))
}

// marks writes down what other packages and modules ask of this one.
func (r *renderer) marks() {
	var lines []string
	for _, m := range r.Contracts {
		lines = append(lines, genfile.ContractMark+m.Namespace+" "+m.Symbol)
	}
	for _, m := range r.Bases {
		lines = append(lines, genfile.BaseMark+m.Namespace+" "+m.Symbol)
	}
	if len(lines) > 0 {
		r.out.Line()
	}
	for _, line := range lines {
		r.out.Comment(line)
	}
}

// spec writes the variable of a plugin, and the functions that it refers to.
func (r *renderer) spec(s *Spec) {
	kind := s.Kind
	if s.Contract != nil {
		kind += " proved"
	}
	fields := []jen.Code{
		jen.Id("Namespace").Op(":").Lit(s.Namespace),
		jen.Id("Name").Op(":").Lit(s.Name),
	}
	field := func(name string, value jen.Code) {
		fields = append(fields, jen.Id(name).Op(":").Add(value))
	}
	text := func(name, value string) {
		if value != "" {
			field(name, jen.Lit(value))
		}
	}
	texts := func(name string, values []string) {
		if len(values) > 0 {
			field(name, jen.Index().String().ValuesFunc(func(g *jen.Group) {
				for _, v := range values {
					g.Lit(v)
				}
			}))
		}
	}
	if s.Kind == annotate.Spec.String() {
		field("Var", jen.Op("&").Id(s.Symbol))
	} else {
		field("New", jen.Id("new"+s.Identifier))
	}
	if s.ShouldLoad != nil {
		field("ShouldLoad", r.shouldLoad(s))
	}
	texts("Requires", s.Requires)
	texts("Aliases", s.Aliases)
	if s.Priority != 0 {
		field("Priority", jen.Lit(s.Priority))
	}
	text("Deprecated", s.Deprecated)
	text("Doc", s.Doc)
	if len(s.Attrs) > 0 {
		field("Attrs", jen.Index().Add(r.registry("Attr")).ValuesFunc(func(g *jen.Group) {
			for _, a := range s.Attrs {
				g.Values(jen.Id("Key").Op(":").Lit(a.Key), jen.Id("Value").Op(":").Lit(a.Value))
			}
		}))
	}
	text("Package", r.Path)
	text("Symbol", s.Symbol)
	if at := r.at(s); at != nil {
		field("At", at)
	}

	r.out.Line()
	r.out.Commentf("%s is the plugin %s:%s.", s.Identifier, s.Namespace, s.Name)
	r.out.Comment("//")
	r.out.Comment(genfile.SpecMark + kind)
	r.out.Var().Id(s.Identifier).Op("=").Add(r.registry("Spec")).Custom(table, fields...)
	if s.Kind != annotate.Spec.String() {
		r.factory(s)
	}
	if s.ShouldLoad != nil && !direct(s.ShouldLoad) {
		r.shouldLoadFunc(s)
	}
	r.methods(s)
}

// table lays out one element a line.
var table = jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}

// at returns a function that is declared with the plugin, nil if there is none.
func (r *renderer) at(s *Spec) *jen.Statement {
	switch {
	case s.Kind == annotate.Func.String():
		return r.symbol(s)
	case s.Kind == annotate.Factory.String():
		return r.instance(s.Factory.Symbol, s)
	case s.Method != "":
		return jen.Parens(jen.Op("*").Add(r.symbol(s))).Dot(s.Method)
	}
	return nil
}

// symbol returns what declares the plugin, with its type arguments.
func (r *renderer) symbol(s *Spec) *jen.Statement { return r.instance(s.Symbol, s) }

func (r *renderer) instance(symbol string, s *Spec) *jen.Statement {
	stmt := jen.Id(symbol)
	if len(s.TypeArgs) == 0 {
		return stmt
	}
	var args []jen.Code
	for _, t := range s.TypeArgs {
		args = append(args, r.typ(t, s.Imports))
	}
	return stmt.Types(args...)
}

// typ writes a type that was given as text. The text is parsed and only types are
// written, so that nothing else can come of it.
func (r *renderer) typ(text string, imports map[string]string) *jen.Statement {
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return jen.Id("_") // does not compile; annotate has parsed it before
	}
	return r.typeExpr(expr, imports)
}

func (r *renderer) typeExpr(e ast.Expr, imports map[string]string) *jen.Statement {
	switch e := e.(type) {
	case *ast.Ident:
		return jen.Id(e.Name)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			r.out.ImportAlias(imports[id.Name], id.Name)
			return jen.Qual(imports[id.Name], e.Sel.Name)
		}
	case *ast.StarExpr:
		return jen.Op("*").Add(r.typeExpr(e.X, imports))
	case *ast.ArrayType:
		if n, ok := e.Len.(*ast.BasicLit); ok && n.Kind == token.INT {
			return jen.Index(jen.Id(n.Value)).Add(r.typeExpr(e.Elt, imports))
		}
		return jen.Index().Add(r.typeExpr(e.Elt, imports))
	case *ast.MapType:
		return jen.Map(r.typeExpr(e.Key, imports)).Add(r.typeExpr(e.Value, imports))
	case *ast.IndexExpr:
		return r.typeExpr(e.X, imports).Types(r.typeExpr(e.Index, imports))
	case *ast.IndexListExpr:
		var args []jen.Code
		for _, x := range e.Indices {
			args = append(args, r.typeExpr(x, imports))
		}
		return r.typeExpr(e.X, imports).Types(args...)
	}
	return jen.Id("_")
}

// A scope names the local variables of a generated function, so that none hides
// what the function refers to.
type scope struct{ spec, plugin, err string }

func (r *renderer) scope() scope {
	free := func(name string) string {
		for slices.Contains(r.Taken, name) {
			name += "_"
		}
		return name
	}
	return scope{free("spec"), free("plugin"), free("err")}
}

// factory writes the function that makes the plugin.
func (r *renderer) factory(s *Spec) {
	names := r.scope()
	var body []jen.Code
	usesSpec := false
	switch s.Kind {
	case annotate.Func.String():
		usesSpec = true
		body = r.function(s, names)
	case annotate.Var.String():
		value := jen.Id(s.Symbol)
		if s.Address {
			value = jen.Op("&").Add(value)
		}
		body = []jen.Code{jen.Return(r.proved(s, value), jen.Nil())}
	default:
		usesSpec = s.Factory != nil && s.Factory.Arg != NoArg
		body = r.made(s, names)
	}
	param := jen.Op("*").Add(r.registry("Spec"))
	if usesSpec {
		param = jen.Id(names.spec).Add(param)
	}
	r.out.Line()
	r.out.Func().Id("new"+s.Identifier).Params(param).Params(jen.Any(), jen.Error()).Block(body...)
}

// made returns the body that makes a plugin with new or with a factory.
func (r *renderer) made(s *Spec, names scope) []jen.Code {
	if s.Factory == nil {
		return []jen.Code{jen.Return(r.proved(s, jen.New(r.symbol(s))), jen.Nil())}
	}
	call := r.call(r.factoryRef(s), s.Factory, names)
	if !s.Factory.Error {
		return []jen.Code{jen.Return(r.proved(s, call), jen.Nil())}
	}
	return []jen.Code{
		jen.List(jen.Id(names.plugin), jen.Id(names.err)).Op(":=").Add(call),
		jen.If(jen.Id(names.err).Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Id(names.err))),
		jen.Return(r.proved(s, jen.Id(names.plugin)), jen.Nil()),
	}
}

func (r *renderer) factoryRef(s *Spec) *jen.Statement {
	if s.Kind == annotate.Factory.String() {
		return r.instance(s.Factory.Symbol, s)
	}
	return jen.Id(s.Factory.Symbol)
}

func (r *renderer) call(fn *jen.Statement, c *Call, names scope) *jen.Statement {
	switch c.Arg {
	case NameArg:
		return fn.Call(jen.Id(names.spec).Dot("Name"))
	case SpecArg:
		return fn.Call(jen.Id(names.spec))
	}
	return fn.Call()
}

// proved converts a plugin to its contract, so that the compiler checks it.
func (r *renderer) proved(s *Spec, plugin *jen.Statement) *jen.Statement {
	if s.Contract == nil {
		return plugin
	}
	return r.ref(*s.Contract).Call(plugin)
}

// function returns the body that makes a FunctionPlugin.
func (r *renderer) function(s *Spec, names scope) []jen.Code {
	wrap := r.registry("NewFunctionPlugin")
	if s.Contract != nil {
		wrap = wrap.Types(r.ref(*s.Contract))
	}
	wrap = wrap.Call(jen.Id(names.spec), r.symbol(s))
	if s.Load == "" {
		return []jen.Code{jen.Return(wrap, jen.Nil())}
	}
	return []jen.Code{
		jen.Id(names.plugin).Op(":=").Add(wrap),
		jen.Id(names.plugin).Dot("OnLoad").Op("=").Id(s.Load),
		jen.Return(jen.Id(names.plugin), jen.Nil()),
	}
}

// direct says whether a should_load function has the very type of the field.
func direct(c *Call) bool { return !c.Value && c.Arg == SpecArg }

func (r *renderer) shouldLoad(s *Spec) *jen.Statement {
	if direct(s.ShouldLoad) {
		return jen.Id(s.ShouldLoad.Symbol)
	}
	return jen.Id("shouldLoad" + s.Identifier)
}

func (r *renderer) shouldLoadFunc(s *Spec) {
	names := r.scope()
	param := jen.Op("*").Add(r.registry("Spec"))
	value := jen.Id(s.ShouldLoad.Symbol)
	if s.ShouldLoad.Arg != NoArg {
		param = jen.Id(names.spec).Add(param)
	}
	if !s.ShouldLoad.Value {
		value = r.call(value, s.ShouldLoad, names)
	}
	r.out.Line()
	r.out.Func().Id("shouldLoad" + s.Identifier).Params(param).Bool().Block(jen.Return(value))
}

// methods makes the compiler check the methods that a manager calls if a plugin has
// them: one with another signature would not be called.
func (r *renderer) methods(s *Spec) {
	for _, m := range s.Methods {
		var sig *jen.Statement
		ctx := jen.Qual("context", "Context")
		switch m {
		case "ShouldLoad":
			sig = jen.Id(m).Params().Bool()
		case "Close":
			sig = jen.Id(m).Params().Error()
		case "Load(ctx)", "Close(ctx)":
			sig = jen.Id(strings.TrimSuffix(m, "(ctx)")).Params(ctx).Error()
		}
		r.out.Line()
		r.out.Var().Id("_").Interface(sig).Op("=").Parens(jen.Op("*").Add(r.symbol(s))).Parens(jen.Nil())
	}
}

// links writes the tables of a host.
func (r *renderer) links() {
	id := "pluginLinks"
	if r.Slug != "" {
		id += "_" + r.Slug
	}
	r.out.Line()
	r.out.Commentf("%s is what %s links into the program.", id, r.Host)
	r.out.Var().Id(id).Op("=").Add(r.registry("Links")).Custom(table,
		jen.Id("Host").Op(":").Lit(r.Path),
		jen.Id("Tables").Op(":").Index().Add(r.registry("Table")).CustomFunc(table, func(g *jen.Group) {
			for _, t := range r.Tables {
				g.Custom(table,
					jen.Id("Namespace").Op(":").Lit(t.Namespace),
					jen.Id("Specs").Op(":").Index().Op("*").Add(r.registry("Spec")).CustomFunc(table, func(g *jen.Group) {
						for _, s := range t.Specs {
							g.Op("&").Add(r.ref(s))
						}
					}),
				)
			}
		}),
	)
	r.out.Line()
	r.out.Func().Id("init").Params().Block(r.registry("Default").Dot("Link").Call(jen.Op("&").Id(id)))
}
