package analyzer

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// A part is a part of a generated file that can be compared with that of another: the tokens
// of a declaration, all imports, or a directive. How they are laid out, and in what groups
// imports stand, is a matter of the tools that a project has.
type part struct {
	name string // of a declaration, as in "func init", or what else it is
	text string
}

// firstDifference returns the name of the first part in which two generated files differ, ""
// if there is none.
func firstDifference(want, have []byte) string {
	wanted, found := parts(want), parts(have)
	for i := range max(len(wanted), len(found)) {
		switch {
		case i >= len(wanted):
			return found[i].name
		case i >= len(found):
			return wanted[i].name
		case wanted[i] == found[i]:
		case slices.Contains(found, wanted[i]): // something stands before it
			return found[i].name
		default:
			return wanted[i].name
		}
	}
	return ""
}

// parts returns the parts of a file in order, or the error as the only one if it can't be
// parsed.
func parts(src []byte) []part {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return []part{{"the file", err.Error()}}
	}
	var all []part
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			all = append(all, part{nameOf(d), tokens(src[offset(fset, d.Pos()):offset(fset, d.End())])})
		}
	}
	var imports []string
	for _, imp := range f.Imports {
		imports = append(imports, imp.Path.Value)
	}
	slices.Sort(imports)
	all = append(all, part{"package " + f.Name.Name, ""}, part{"its imports", strings.Join(slices.Compact(imports), " ")})
	for _, group := range f.Comments {
		for _, c := range group.List {
			if isInstruction(c.Text) {
				all = append(all, part{c.Text, ""})
			}
		}
	}
	return all
}

// isInstruction reports whether a comment means something to the compiler or to plugingen.
func isInstruction(comment string) bool {
	for _, prefix := range []string{"//go:", "//plugingen:", "//line ", "//export ", "//extern ", "// +build "} {
		if strings.HasPrefix(comment, prefix) {
			return !strings.HasPrefix(comment, "//plugingen:sum ")
		}
	}
	return false
}

func offset(fset *token.FileSet, pos token.Pos) int { return fset.PositionFor(pos, false).Offset }

// nameOf returns what a declaration begins with.
func nameOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			return "method " + d.Name.Name
		}
		return "func " + d.Name.Name
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				return d.Tok.String() + " " + s.Names[0].Name
			case *ast.TypeSpec:
				return "type " + s.Name.Name
			}
		}
		return cmp.Or(d.Tok.String(), "a declaration")
	}
	return "a declaration"
}

// tokens returns the tokens of Go source, separated by spaces.
func tokens(src []byte) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(src)), src, nil, 0)
	var b strings.Builder
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON:
			lit = ";"
		case lit == "":
			lit = tok.String()
		}
		b.WriteString(lit)
		b.WriteByte(' ')
	}
}
