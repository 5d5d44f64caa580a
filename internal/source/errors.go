package source

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// syntaxErrors returns diagnostics for the errors of the parser in a file.
func syntaxErrors(fset *token.FileSet, syntax *ast.File, err error) []annotate.Diagnostic {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		list = scanner.ErrorList{{Msg: err.Error()}}
	}
	var diags []annotate.Diagnostic
	for i, e := range list {
		pos := syntax.FileStart
		if file := fset.File(pos); file != nil {
			pos = file.Pos(min(e.Pos.Offset, file.Size()))
		}
		message := e.Msg
		if i == readfile.MaxErrors {
			message = "too many errors"
		}
		diags = append(diags, annotate.Diagnostic{
			Span: annotate.Span{Pos: pos, End: pos}, Category: annotate.Syntax, Message: message,
		})
		if i == readfile.MaxErrors {
			break
		}
	}
	return diags
}

// UnannotatedErrors returns the syntax errors of files without annotations, except tests.
// The compiler reports them too, so they are needed only if declarations may be missing
// because of them.
func (p *Package) UnannotatedErrors() []annotate.Diagnostic {
	var diags []annotate.Diagnostic
	for _, f := range p.files {
		if f.Annotated || f.given || rules.IsTestFile(f.Name) {
			continue
		}
		src, err := p.readFile(f.Path)
		if err != nil {
			continue
		}
		syntax, err := parser.ParseFile(p.fset, f.Path, readfile.Parsable(src), parser.SkipObjectResolution)
		if err != nil {
			diags = append(diags, syntaxErrors(p.fset, syntax, err)...)
		}
	}
	return diags
}
