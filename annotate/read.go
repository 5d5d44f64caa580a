package annotate

import (
	"cmp"
	"go/ast"
	"go/build/constraint"
	"go/token"

	"github.com/plugingen/plugingen/internal/builds"
)

// Read reads the package in a directory. files are all Go files of the directory, for all
// builds, except those that plugingen wrote. Plugins are complete after a call of
// [Package.Resolve]. Errors are in the Diagnostics of the package.
func Read(path string, files []*File) *Package {
	r := &reader{
		Package: &Package{
			Path: path, Name: packageName(files),
			decls: map[string]*decl{}, methods: map[string][]method{}, broken: map[string]bool{},
		},
		seen: map[*ast.Comment]bool{}, tagged: map[*ast.StructType]bool{},
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
		r.unusedAnnotations(f)
	}
	r.unusedDefaults()
	return r.Package
}

// annotated reports whether a file has a directive or imports the registry.
func annotated(f *File) bool {
	for _, imp := range f.Syntax.Imports {
		if imp.Path.Value == `"`+RegistryPath+`"` {
			return true
		}
	}
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			if IsDirective(c.Text) {
				return true
			}
		}
	}
	return false
}

// packageName returns the name of the package in a directory: that of most files, where
// one file without build constraint counts more than all others.
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

// checkConstraint reports build constraints that the go command does not accept.
func (r *reader) checkConstraint(f *File) {
	lines := builds.Lines(f.source, f.Syntax)
	for i, line := range lines {
		span := Span{line.Pos(), line.End()}
		if _, err := constraint.Parse(line.Text); err != nil {
			r.errorf(Syntax, span, "this build constraint can't be parsed: %v", err)
		} else if i > 0 && constraint.IsGoBuild(line.Text) {
			diag := r.errorf(Syntax, span, "a file has one //go:build line: join them by &&")
			diag.Related = []Related{{Span{lines[0].Pos(), lines[0].End()}, "the first one is here"}}
		}
	}
}

// declarations reads the declarations of a file.
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

// group reads a declaration, which may be several in parentheses. Directives above those
// are defaults for the directives inside.
func (r *reader) group(g *ast.GenDecl) {
	above := r.directives(g.Doc)
	if g.Tok != token.TYPE && g.Tok != token.VAR {
		for _, d := range above {
			r.errorf(Placement, d.Span, "%s can't be a plugin: write the directive above a type, "+
				"a function or a variable", kindOfToken(g.Tok))
		}
		return
	}
	var defaults []pair
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
		r.errorf(Placement, defaults[0].span(), "this is a default for the declarations of the "+
			"group, but none has a directive: write one above each plugin")
	}
}

func kindOfToken(t token.Token) string {
	if t == token.CONST {
		return "a constant"
	}
	return "an import"
}

// unusedDefaults reports defaults of a package without plugins.
func (r *reader) unusedDefaults() {
	if len(r.defaults) > 0 && len(r.Plugins) == 0 && len(r.Diagnostics) == 0 {
		r.errorf(Placement, r.defaults[0].span(), "this is a default for the plugins of the "+
			"package, but there are none: "+
			"write a directive for one declaration directly above it")
	}
}
