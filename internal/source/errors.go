package source

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
)

// syntaxErrors returns diagnostics for what the parser says of a file.
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
		diags = append(diags, annotate.Diagnostic{Span: annotate.Span{Pos: pos, End: pos}, Category: annotate.Syntax, Message: message})
		if i == readfile.MaxErrors {
			break
		}
	}
	return diags
}

// PlainErrors returns the syntax errors of files without annotations, tests aside. They are the
// compiler's to report, unless it matters what else the files may have declared.
func (p *Package) PlainErrors() []annotate.Diagnostic {
	var diags []annotate.Diagnostic
	for _, f := range p.files {
		if f.Annotated || f.given || strings.HasSuffix(f.Name, "_test.go") {
			continue
		}
		src, err := p.readFile(f.Path)
		if err != nil {
			continue
		}
		if syntax, err := parser.ParseFile(p.fset, f.Path, readfile.Parsable(src), parser.SkipObjectResolution); err != nil {
			diags = append(diags, syntaxErrors(p.fset, syntax, err)...)
		}
	}
	return diags
}
