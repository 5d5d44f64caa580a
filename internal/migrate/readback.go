package migrate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/plugingen/plugingen/annotate"
)

// This file reads the directives that would be written, as plugingen will.

// readBack returns the moves that plugingen would not read as what is meant.
func (m *migration) readBack(p *plan) (failures []failure) {
	read := map[string]*annotate.Package{}
	for _, mv := range p.moves {
		pkg, ok := read[mv.target]
		if !ok {
			pkg = m.annotations(p, mv.target)
			read[mv.target] = pkg
		}
		i := slices.IndexFunc(pkg.Plugins, func(x *annotate.Plugin) bool {
			return x.Namespace == mv.registrar.namespace && x.Name == mv.name
		})
		why := "there is no such plugin"
		if i < 0 && len(pkg.Diagnostics) > 0 {
			why = pkg.Diagnostics[0].Message
		} else if i >= 0 {
			why = ""
			for _, d := range pkg.Diagnostics {
				if s := pkg.Plugins[i].Directive; s.Pos <= d.Pos && d.Pos < s.End {
					why = d.Message
				}
			}
		}
		if why != "" {
			failures = append(failures, failure{
				message: fmt.Sprintf("plugingen would refuse %s: %s", mv.directive(), why), move: mv,
			})
		}
	}
	return failures
}

// annotations returns what the files of a package would declare.
func (m *migration) annotations(p *plan, importPath string) *annotate.Package {
	changed := map[string][]byte{}
	for _, c := range p.changes {
		changed[c.Path] = c.New
	}
	fset := token.NewFileSet()
	var files []*annotate.File
	for _, f := range m.sortedFiles() {
		if f.path != importPath || isTest(f) {
			continue
		}
		src, ok := changed[f.name]
		if !ok {
			src = f.src
		}
		if syntax, err := parser.ParseFile(fset, f.name, src, parser.ParseComments); err == nil {
			files = append(files, annotate.NewFile(fset, f.name, syntax))
		}
	}
	pkg := annotate.Read(importPath, files)
	pkg.Resolve(nil)
	return pkg
}

// isConstant reports whether a bare word in a directive of a package may be read as a constant.
func (m *migration) isConstant(importPath, word string) bool {
	expr, err := parser.ParseExpr(word)
	if err != nil {
		return false
	}
	switch e := expr.(type) {
	case *ast.SelectorExpr: // of a package that the file may import
		return e.Sel.IsExported()
	case *ast.Ident:
		for _, f := range m.files {
			if f.path == importPath && slices.ContainsFunc(f.syntax.Decls, func(d ast.Decl) bool {
				return declaresConstant(d, e.Name)
			}) {
				return true
			}
		}
	}
	return false
}

func declaresConstant(d ast.Decl, name string) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.CONST && slices.ContainsFunc(g.Specs, func(s ast.Spec) bool {
		return slices.ContainsFunc(s.(*ast.ValueSpec).Names, func(id *ast.Ident) bool { return id.Name == name })
	})
}
