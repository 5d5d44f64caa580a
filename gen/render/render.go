package render

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/code"
	"github.com/plugingen/plugingen/gen/genfile"
)

// Render returns the whole file, header included.
func Render(f *File) ([]byte, error) {
	r := &renderer{File: f, out: jen.NewFilePathName(f.Path, f.Package.String())}
	r.out.NoFormat = true
	if f.Constraint != "" {
		r.out.HeaderComment("//go:build " + f.Constraint)
	}
	r.nameImports()
	r.version()
	r.marks()
	for i := range f.Specs {
		r.spec(&f.Specs[i])
	}
	if len(f.Tables) > 0 {
		r.links()
	}
	for _, p := range f.Proofs {
		r.proof(p)
	}
	var b bytes.Buffer
	b.WriteByte('\n')
	if err := r.out.Render(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return genfile.Seal(f.Sum(), indent(b.Bytes())), nil
}

type renderer struct {
	*File
	out *jen.File
}

func (r *renderer) registry(name string) *jen.Statement {
	return jen.Qual(annotate.RegistryPath, name)
}

// specPointer writes the type that functions of the registry take.
func (r *renderer) specPointer() *jen.Statement { return prefixed("*", r.registry("Spec")) }

func (r *renderer) ref(ref code.Ref) *jen.Statement {
	return jen.Qual(ref.Path.String(), ref.Name.String())
}

// contract writes the type that plugins are assignable to.
func (r *renderer) contract(c Contract) *jen.Statement {
	if c.Pointer {
		return prefixed("*", r.ref(c.Ref))
	}
	return r.ref(c.Ref)
}

func id(name code.Ident) *jen.Statement { return jen.Id(name.String()) }

// comment writes a line of text as a comment.
func (r *renderer) comment(format string, args ...any) {
	r.directive("// " + fmt.Sprintf(format, args...))
}

// directive writes a line that begins with two slashes. It replaces what can't be
// printed: a line end would end the comment.
func (r *renderer) directive(line string) {
	r.out.Comment(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, line))
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
		lines = append(lines, genfile.ContractMark+m.String())
	}
	for _, i := range r.Interfaces {
		lines = append(lines, genfile.InterfaceMark+i.String())
	}
	for _, m := range r.Bases {
		lines = append(lines, genfile.BaseMark+m.String())
	}
	if len(lines) > 0 {
		r.out.Line()
	}
	for _, line := range lines {
		r.directive(line)
	}
}

func (f *File) linksName() string {
	if f.Slug == "" {
		return "pluginLinks"
	}
	return "pluginLinks_" + f.Slug
}

// links writes the tables of a host.
func (r *renderer) links() {
	id := r.linksName()
	r.out.Line()
	r.comment("%s is what %s links into the program.", id, r.Host)
	var tables []jen.Code
	for _, t := range r.Tables {
		tables = append(tables, r.table(t))
	}
	r.out.Var().Id(id).Op("=").Add(table(r.registry("Links"),
		glue(jen.Op("Host: "), jen.Lit(r.Path)),
		glue(jen.Op("Tables: "), table(prefixed("[]", r.registry("Table")), tables...)),
	))
	r.out.Line()
	r.out.Func().Add(call(jen.Id("init"))).Block(call(selected(r.registry("Default"), "Link"), prefixed("&", jen.Id(id))))
}

// table writes the table of a namespace. A value of several lines is below no other.
func (r *renderer) table(t Table) *jen.Statement {
	var specs []jen.Code
	for _, s := range t.Specs {
		specs = append(specs, prefixed("&", r.ref(s)))
	}
	return table(jen.Null(),
		glue(jen.Op("Namespace: "), jen.Lit(t.Namespace)),
		glue(jen.Op("Specs: "), table(prefixed("[]*", r.registry("Spec")), specs...)),
	)
}

// proof makes the compiler check that a plugin satisfies a contract that its own
// package can't name. What has to be called or read stands in a function that is never
// called: the linker drops it.
func (r *renderer) proof(p Proof) {
	contract, plugin := r.contract(p.Contract), r.ref(p.Plugin)
	r.out.Line()
	switch {
	case p.Factory == nil && p.Kind == annotate.Type.String():
		r.out.Var().Id("_").Add(contract).Op("=").Add(nilPointer(plugin))
		return
	case p.Factory == nil && p.Kind == annotate.Func.String():
		r.out.Var().Id("_").Add(contract).Op("=").Add(plugin)
		return
	case p.Factory != nil:
		plugin = r.call(jen.Qual(p.Plugin.Path.String(), p.Factory.Symbol.String()), p.Factory, scope{spec: "spec"})
	case p.Address:
		plugin = prefixed("&", plugin)
	}
	body := []jen.Code{jen.Var().Id("_").Add(contract).Op("=").Add(plugin)}
	if p.Factory != nil && p.Factory.Error {
		body = []jen.Code{
			list(jen.Id("plugin"), jen.Id("_")).Op(":=").Add(plugin),
			jen.Var().Id("_").Add(contract).Op("=").Id("plugin"),
		}
	}
	r.out.Func().Add(call(jen.Id("_"), jen.Id("spec").Add(r.specPointer()))).Block(body...)
}
