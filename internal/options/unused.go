package options

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// unused reports structs whose tags have no effect.
func (r *reader) unused() {
	if r.Incomplete || r.pkg.Damaged() {
		return
	}
	read := map[string]bool{}
	for _, st := range r.structs {
		read[st.Name] = read[st.Name] || st.Path == r.pkg.Path
	}
	var concerned map[string]bool
	if len(r.Diagnostics)+len(r.pkg.Diagnostics) > 0 {
		concerned = r.concerned()
	}
	for _, o := range r.pkg.Tagged {
		switch {
		case read[o.Symbol]:
		case concerned[o.Symbol]:
			r.readAnyway(o)
		case !r.mayBeUsed(o):
			r.errorf(r.pkg, annotate.Placement, o.Directive, "the options of %s have no effect, "+
				"%s", o.Symbol, r.whyUnused(o))
		}
	}
}

// readAnyway reports what is wrong with the options of a struct that is not read because of
// another error, unless it depends on that.
func (r *reader) readAnyway(o *annotate.OptionStruct) {
	for _, d := range r.pkg.Types(o.Symbol, o.File) {
		fields, ok := ast.Unparen(d.Type).(*ast.StructType)
		named := ok && slices.ContainsFunc(fields.Fields.List, isNamed)
		if ok && !named && d.TypeParams == nil && d.File.Name == o.File.Name {
			r.structOf(d, nil, &scope{pkg: r.pkg, file: d.File}, "")
		}
	}
}

// isNamed reports whether a field has a struct tag of a library that may name options.
func isNamed(f *ast.Field) bool {
	return slices.ContainsFunc(rules.Namings, func(tag string) bool { return rules.TagValue(f.Tag, tag) != "" })
}

// mayBeUsed reports whether a struct may be in the options of other packages.
func (r *reader) mayBeUsed(o *annotate.OptionStruct) bool {
	return len(r.pkg.Plugins) == 0 && token.IsExported(o.Symbol) || slices.ContainsFunc(r.pkg.Bases,
		func(b *annotate.Base) bool { return b.Symbol == o.Symbol })
}

// whyUnused returns why the options of a struct have no effect, and what to do.
func (r *reader) whyUnused(o *annotate.OptionStruct) string {
	for _, x := range r.pkg.Plugins {
		if x.Kind == annotate.Var && slices.Contains(namesIn(variable(x.File.Syntax, x.Symbol)), o.Symbol) {
			return "since the plugin " + x.Name + " is a variable: write the directive above a factory " +
				"that returns a *" +
				o.Symbol
		}
	}
	why := "since it is no plugin, no factory takes it, and it is not in the options of one: use it"
	if token.IsExported(o.Symbol) {
		why += ", or write //plugin:options above it if other packages use it"
	}
	return why
}

// variable returns the declaration of a variable of a file, or nil.
func variable(f *ast.File, name string) ast.Node {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return id.Name == name }) {
				return v
			}
		}
	}
	return nil
}

// concerned returns the names in declarations with directives, and in the types that these
// name: what is wrong there may be why a struct is not read.
func (r *reader) concerned() map[string]bool {
	found := map[string]bool{}
	types := map[string]ast.Node{}
	var later []string
	add := func(n ast.Node) {
		for _, name := range namesIn(n) {
			if !found[name] {
				found[name] = true
				later = append(later, name)
			}
		}
	}
	for _, f := range r.pkg.Files {
		for _, d := range f.Syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if hasDirective(d.Doc) {
					add(d.Type)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					t, ok := s.(*ast.TypeSpec)
					if !ok {
						continue
					}
					types[t.Name.Name] = t
					if hasDirective(d.Doc) || hasDirective(t.Doc) {
						add(t)
					}
				}
			}
		}
	}
	for i := 0; i < len(later); i++ {
		if t := types[later[i]]; t != nil {
			add(t)
		}
	}
	return found
}

func hasDirective(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List,
		func(c *ast.Comment) bool { return annotate.IsDirective(c.Text) })
}

// namesIn returns the identifiers in a declaration, which may be nil.
func namesIn(n ast.Node) (names []string) {
	if n == nil {
		return nil
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
		return true
	})
	return names
}
