package gen

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/render"
	"github.com/plugingen/plugingen/gen/write"
)

func exported(name string) bool { return token.IsExported(name) }

// generate plans the files of a package. A package with mistakes keeps what it has.
func (t *tree) generate(p *pkg) error {
	if p.broken() {
		return nil
	}
	files := map[string]*render.File{}
	file := func(build annotate.Constraint) *render.File {
		expr := build.String()
		if files[expr] == nil {
			files[expr] = &render.File{Path: p.Path, Package: p.Name, Constraint: expr, Slug: genfile.Slug(expr)}
		}
		return files[expr]
	}
	for _, c := range p.Contracts {
		f := file(c.File.Constraint)
		f.Contracts = append(f.Contracts, genfile.Mark{Namespace: c.Namespace, Symbol: c.Symbol})
	}
	for _, b := range p.Bases {
		if exported(b.Symbol) {
			f := file(annotate.Constraint{})
			f.Bases = append(f.Bases, genfile.Mark{Namespace: b.Namespace, Symbol: b.Symbol})
		}
	}
	for _, x := range p.Plugins {
		f := file(x.File.Constraint)
		f.Specs = append(f.Specs, t.spec(p, x))
	}
	for _, h := range p.Hosts {
		linked, err := t.link(p, h)
		if err != nil {
			return err
		}
		for _, l := range linked {
			f := file(h.File.Constraint.And(l.build))
			f.Host = "//plugin:link"
			f.Tables = addTo(f.Tables, l)
		}
	}
	if p.broken() { // by what it should have linked
		return nil
	}
	return t.render(p, files)
}

// render plans the sources of the files. One that was made from the same, and has
// not been changed since, is kept without rendering it.
func (t *tree) render(p *pkg, files map[string]*render.File) error {
	taken := declared(p)
	want := map[string][]byte{}
	for expr, f := range files {
		f.Taken = taken
		name := genfile.Name(expr)
		sortFile(f)
		if inTheWay(p.folder, name) {
			span := annotate.Span{}
			for _, x := range p.Plugins {
				span = cmp.Or(span, x.Directive)
			}
			p.errorf(annotate.Linking, cmp.Or(span, packageClause(p)), "%s/%s: %v", p.Path, name, write.ErrNotOurs)
			return nil
		}
		if old := generated(p, name); old != nil {
			if input, intact := genfile.Open(old); intact && input == f.Sum() {
				want[name] = old
				continue
			}
		}
		src, err := render.Render(f)
		if err != nil {
			return err
		}
		want[name] = src
	}
	t.plannedFiles(p, want)
	return nil
}

func packageClause(p *pkg) annotate.Span {
	if len(p.Files) == 0 {
		return annotate.Span{}
	}
	name := p.Files[0].Syntax.Name
	return annotate.Span{Pos: name.Pos(), End: name.End()}
}

func generated(p *pkg, name string) []byte {
	for _, f := range p.folder.Generated {
		if f.Name == name {
			return f.Src
		}
	}
	return nil
}

// sortFile puts all that a file lists into an order that does not depend on that
// of the source.
func sortFile(f *render.File) {
	marks := func(a, b genfile.Mark) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Symbol, b.Symbol))
	}
	slices.SortFunc(f.Contracts, marks)
	slices.SortFunc(f.Bases, marks)
	slices.SortFunc(f.Specs, func(a, b render.Spec) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// declared returns the names that the package's own files declare and that
// generated code could otherwise use for something else: packages and variables.
func declared(p *pkg) []string {
	var names []string
	add := func(id *ast.Ident) { names = append(names, id.Name) }
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						add(s.Name)
					case *ast.ValueSpec:
						for _, id := range s.Names {
							add(id)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// spec returns what is to be written of a plugin.
func (t *tree) spec(p *pkg, x *annotate.Plugin) render.Spec {
	s := render.Spec{
		Identifier: genfile.Identifier(x.Namespace, x.Name), Namespace: x.Namespace, Name: x.Name,
		Kind: x.Kind.String(), Symbol: x.Symbol, Address: x.Address,
		Factory: call(x.Factory), ShouldLoad: call(x.ShouldLoad),
		Requires: x.Requires, Aliases: x.Aliases, Priority: x.Priority, Deprecated: x.Deprecated, Doc: x.Doc,
	}
	for _, a := range x.Attrs {
		s.Attrs = append(s.Attrs, render.Attr(a))
	}
	for _, e := range x.TypeArgs {
		s.TypeArgs = append(s.TypeArgs, types.ExprString(e))
		s.Imports = qualifiers(s.Imports, e, x.File)
	}
	if x.Load != nil {
		s.Load = x.Load.Symbol
	}
	if x.Kind != annotate.Spec && !returnsAny(x.Factory) {
		s.Contract = t.contractFor(p, x)
	}
	if x.Kind == annotate.Type {
		s.Method, s.Methods = methods(p, x)
	}
	return s
}

func call(c *annotate.Call) *render.Call {
	if c == nil {
		return nil
	}
	arg := [...]render.Arg{annotate.NoArg: render.NoArg, annotate.NameArg: render.NameArg, annotate.SpecArg: render.SpecArg}[c.Arg]
	return &render.Call{Symbol: c.Symbol, Arg: arg, Error: c.Error, Value: c.Value}
}

// returnsAny says whether a factory's result says nothing of what it makes.
func returnsAny(c *annotate.Call) bool {
	if c == nil || c.Decl == nil || c.Decl.Type.Results == nil {
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

// qualifiers adds what the qualifiers in a type stand for.
func qualifiers(paths map[string]string, e ast.Expr, f *annotate.File) map[string]string {
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				if paths == nil {
					paths = map[string]string{}
				}
				paths[id.Name] = f.ImportPath(id.Name)
			}
		}
		return true
	})
	return paths
}

// methods returns the method from which a plugin type's place is looked up, and
// the lifecycle's methods for the compiler to check. A method that is not in every
// build that has the type is left alone.
func methods(p *pkg, x *annotate.Plugin) (place string, lifecycle []string) {
	var all []string
	for _, m := range x.Methods {
		f := fileOf(p, m)
		if m.Name.Name == "_" || f == nil || f.Constraint.String() != "" && f.Constraint.String() != x.File.Constraint.String() {
			continue
		}
		all = append(all, m.Name.Name)
		switch name := m.Name.Name; {
		case name == "ShouldLoad", name == "Close" && m.Type.Params.NumFields() == 0:
			lifecycle = append(lifecycle, name)
		case name == "Close", name == "Load" && m.Type.Params.NumFields() < 2:
			lifecycle = append(lifecycle, name+"(ctx)")
		}
	}
	slices.Sort(lifecycle)
	for _, name := range []string{"Load", "ShouldLoad", "Close"} {
		if slices.Contains(all, name) {
			return name, lifecycle
		}
	}
	slices.Sort(all)
	return cmp.Or(append(all, "")...), lifecycle
}

func fileOf(p *pkg, n ast.Node) *annotate.File {
	for _, f := range p.Files {
		if f.Syntax.FileStart <= n.Pos() && n.Pos() < f.Syntax.FileEnd {
			return f
		}
	}
	return nil
}
