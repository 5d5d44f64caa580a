package source

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/plugingen/plugingen/annotate"
)

// maxErrors is how many syntax errors of a file are reported, as by the compiler.
const maxErrors = 10

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
		if i == maxErrors {
			message = "too many errors"
		}
		diags = append(diags, annotate.Diagnostic{Span: annotate.Span{Pos: pos, End: pos}, Category: annotate.Syntax, Message: message})
		if i == maxErrors {
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
		if syntax, err := parser.ParseFile(p.fset, f.Path, parsable(src), parser.SkipObjectResolution); err != nil {
			diags = append(diags, syntaxErrors(p.fset, syntax, err)...)
		}
	}
	return diags
}

// maxUnscanned is the size of files of which it does not matter how many errors are in them.
const maxUnscanned = 256 << 10

// parsable returns the source up to where there are more errors in it than are reported. The
// parser stops after ten errors of its own, but collects all that its scanner finds: in a file
// that is not Go, one for each byte.
func parsable(src []byte) []byte {
	if len(src) <= maxUnscanned {
		return src
	}
	found, end := 0, len(src)
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, func(pos token.Position, _ string) {
		if found++; found > maxErrors {
			end = min(end, pos.Offset+1)
		}
	}, 0)
	for end == len(src) {
		if _, tok, _ := s.Scan(); tok == token.EOF {
			break
		}
	}
	return src[:end]
}
