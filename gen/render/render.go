package render

import (
	"bytes"
	"fmt"

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
		return nil, fmt.Errorf("generated code for %s is not valid Go, which is a mistake of plugingen's: %w", f.Path, err)
	}
	return genfile.Seal(f.Sum(), b.Bytes()), nil
}

type renderer struct {
	*File
	out     *jen.File
	imports map[string]string // names, by path
}

func (r *renderer) registry(name string) *jen.Statement {
	return jen.Qual(annotate.RegistryPath, name)
}

func (r *renderer) ref(ref Ref) *jen.Statement { return jen.Qual(ref.Path, ref.Name) }

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
	for _, i := range r.Interfaces {
		lines = append(lines, genfile.InterfaceMark+i.String())
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

// table lays out one element a line.
var table = jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}

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

// proof makes the compiler check that a plugin satisfies a contract that its own
// package can't name. What has to be called or read stands in a function that is never
// called: the linker drops it.
func (r *renderer) proof(p Proof) {
	contract, plugin := r.ref(p.Contract), r.ref(p.Plugin)
	r.out.Line()
	switch {
	case p.Factory == nil && p.Kind == annotate.Type.String():
		r.out.Var().Id("_").Add(contract).Op("=").Parens(jen.Op("*").Add(plugin)).Parens(jen.Nil())
		return
	case p.Factory == nil && p.Kind == annotate.Func.String():
		r.out.Var().Id("_").Add(contract).Op("=").Add(plugin)
		return
	case p.Factory != nil:
		plugin = r.call(jen.Qual(p.Plugin.Path, p.Factory.Symbol), p.Factory, scope{spec: "spec"})
	case p.Address:
		plugin = jen.Op("&").Add(plugin)
	}
	body := []jen.Code{jen.Var().Id("_").Add(contract).Op("=").Add(plugin)}
	if p.Factory != nil && p.Factory.Error {
		body = []jen.Code{
			jen.List(jen.Id("plugin"), jen.Id("_")).Op(":=").Add(plugin),
			jen.Var().Id("_").Add(contract).Op("=").Id("plugin"),
		}
	}
	r.out.Func().Id("_").Params(jen.Id("spec").Op("*").Add(r.registry("Spec"))).Block(body...)
}
