package declarations

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
)

// ineffective reports variables that hold specs nobody will ever see: pointers to specs, and
// lists of them, are not found as a registry.Spec is, and nothing else refers to these.
func (c *declarations) ineffective() {
	for _, f := range c.Files {
		if c.IsTest(f) || ast.IsGenerated(f) {
			continue
		}
		for _, v := range undirected(f) {
			for i, name := range v.Names {
				if len(v.Values) != len(v.Names) || !c.holdsSpecs(name, v.Values[i]) {
					continue
				}
				if !c.objects().used[c.TypesInfo.Defs[name]] && !c.mentionedInTests(f, name.Name) {
					c.Report(target.Problem(annotate.Placement, target.Span(name),
						"nothing finds the spec in "+name.Name+", and nothing uses "+name.Name+
							": declare it as a registry.Spec, one to a variable, or pass it to registry.Default.Add"))
				}
			}
		}
	}
}

// undirected returns the package-level variables of a file that no directive is about.
func undirected(f *ast.File) (list []*ast.ValueSpec) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || directed(g.Doc) {
			continue
		}
		for _, s := range g.Specs {
			if v := s.(*ast.ValueSpec); !directed(v.Doc) {
				list = append(list, v)
			}
		}
	}
	return list
}

func directed(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, comment := range doc.List {
		if strings.HasPrefix(comment.Text, "//plugin:") {
			return true
		}
	}
	return false
}

// holdsSpecs reports whether the package's own variable is set to specs that stand there.
func (c *declarations) holdsSpecs(name *ast.Ident, value ast.Expr) bool {
	obj := c.TypesInfo.Defs[name]
	if obj == nil || obj.Exported() || obj.Name() == "_" || literalOf(value) == nil {
		return false
	}
	t := obj.Type().Underlying()
	switch list := t.(type) {
	case *types.Slice:
		t = list.Elem()
	case *types.Array:
		t = list.Elem()
	case *types.Map:
		t = list.Elem()
	case *types.Pointer:
	default:
		return false
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return typedesc.IsSpec(t)
}

// mentionedInTests reports whether tests beside a file have a name in them: they are a part of the
// package, but not always of the one that is being checked.
func (c *declarations) mentionedInTests(f *ast.File, name string) bool {
	tests, _ := filepath.Glob(filepath.Join(filepath.Dir(c.Fset.PositionFor(f.Package, false).Filename), "*_test.go"))
	for _, test := range tests {
		if src, err := os.ReadFile(test); err != nil || bytes.Contains(src, []byte(name)) {
			return true
		}
	}
	return false
}
