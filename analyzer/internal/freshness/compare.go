// Package freshness compares generated files with what they should be.
package freshness

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
)

// A part is a part of a generated file that is compared: the tokens of a
// declaration, all imports, or a directive. Layout and the grouping of imports are
// not compared, since other tools may change them.
type part struct {
	name string // of a declaration, as in "func init", or a description
	text string
}

// differingPart returns the name of the first part in which two generated files
// differ, or "" if there is none.
func differingPart(want, have []byte) string {
	wanted, found := parts(want), parts(have)
	for i := range max(len(wanted), len(found)) {
		switch {
		case i >= len(wanted):
			return found[i].name
		case i >= len(found):
			return wanted[i].name
		case wanted[i] == found[i]:
		case slices.Contains(found, wanted[i]): // a part was inserted before it
			return found[i].name
		default:
			return wanted[i].name
		}
	}
	return ""
}

// parts returns the parts of a file in order. If the file can't be parsed, the
// error is its only part.
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
	all = append(all, part{"package " + f.Name.Name, ""},
		part{"its imports", strings.Join(slices.Compact(imports), " ")})
	for _, group := range f.Comments {
		for _, c := range group.List {
			if isInstruction(c.Text) {
				all = append(all, part{c.Text, ""})
			}
		}
	}
	return all
}

// isInstruction reports whether a comment is a directive of the compiler or of
// plugingen.
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

// firstDifference returns the name of the first file that differs from the wanted
// one, or "" if there is none, the part in which it differs, and whether the
// linked plugins differ.
func firstDifference(want map[string][]byte, have []pkgfiles.Generated) (name, part string, links bool) {
	all := maps.Clone(want)
	for _, f := range have {
		if all[f.Name] == nil {
			return f.Name, "nothing", len(f.Links) > 0
		}
		delete(all, f.Name)
		if !bytes.Equal(want[f.Name], f.Src) {
			part = differingPart(want[f.Name], f.Src)
		}
		if part != "" {
			w, err := genfile.Read(f.Name, want[f.Name])
			return f.Name, part, err == nil && !slices.Equal(w.Links, f.Links)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := genfile.Read(name, want[name])
		return name, missingFile, err == nil && len(w.Links) > 0
	}
	return "", "", false
}

// missingFile is the differing part of a file that is not there.
const missingFile = "it is missing"

// SpecMatches reports whether a generated spec has the properties of its plugin.
func SpecMatches(p *annotate.Plugin, s genfile.Spec) bool {
	want := slices.Collect(p.All())
	for have := range s.All() {
		if !equal(want[0], have) {
			return false
		}
		want = want[1:]
	}
	return s.Symbol == p.Symbol && s.Kind == p.Kind
}

func equal(a, b annotate.Property) bool {
	switch value := a.Value.(type) {
	case *string:
		return *value == *b.Value.(*string)
	case *int:
		return *value == *b.Value.(*int)
	case *[]string:
		return slices.Equal(*value, *b.Value.(*[]string))
	case *[]annotate.Attr:
		return slices.Equal(*value, *b.Value.(*[]annotate.Attr))
	}
	return false
}

// Contents has the specs and records of generated files, by file name. They are
// removed as declarations for them are found, so that the rest is obsolete.
type Contents struct {
	Files   []string
	specs   map[string][]genfile.Spec
	records map[string][]genfile.Record // by kind and file name
}

// newContents returns the contents of files.
func newContents(files []pkgfiles.Generated) *Contents {
	c := &Contents{specs: map[string][]genfile.Spec{}, records: map[string][]genfile.Record{}}
	for _, f := range files {
		c.Files = append(c.Files, f.Name)
		c.specs[f.Name] = slices.Clone(f.Specs)
		c.records[genfile.ContractRecord+f.Name] = slices.Clone(f.Contracts)
		c.records[genfile.BaseRecord+f.Name] = slices.Clone(f.Bases)
	}
	return c
}

// Take removes the spec of a plugin and returns it. It reports whether there was
// one.
func (c *Contents) Take(file string, p *annotate.Plugin) (genfile.Spec, bool) {
	i := slices.IndexFunc(c.specs[file], func(s genfile.Spec) bool {
		return s.Namespace == p.Namespace && s.Name == p.Name
	})
	if i < 0 {
		return genfile.Spec{}, false
	}
	s := c.specs[file][i]
	c.specs[file] = slices.Delete(c.specs[file], i, i+1)
	return s, true
}

// TakeRecord removes a record. It reports whether there was one.
func (c *Contents) TakeRecord(kind, file string, m genfile.Record) bool {
	i := slices.Index(c.records[kind+file], m)
	if i < 0 {
		return false
	}
	c.records[kind+file] = slices.Delete(c.records[kind+file], i, i+1)
	return true
}

// Rest describes what has not been taken. It returns "" if there is nothing.
func (c *Contents) Rest() string {
	for _, name := range c.Files {
		for _, s := range c.specs[name] {
			return fmt.Sprintf("%s has the plugin %s:%s", name, s.Namespace, s.Name)
		}
		for _, m := range c.records[genfile.ContractRecord+name] {
			return fmt.Sprintf("%s has the contract %s of %s", name, m.Symbol, m.Namespace)
		}
		for _, m := range c.records[genfile.BaseRecord+name] {
			return fmt.Sprintf("%s has the base %s of %s", name, m.Symbol, m.Namespace)
		}
	}
	return ""
}
