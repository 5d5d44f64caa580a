package migrate

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// This file applies edits to files, and keeps their imports and formatting right.

// An edit replaces bytes of a file.
type edit struct {
	from, to int
	text     string
}

// An editor collects edits of files, and files to be created.
type editor struct {
	m       *migration
	edits   map[*file][]edit
	imports map[*file]map[string]string // import paths, and the names by which the text uses them
	created map[string]string           // contents by name
}

func newEditor(m *migration) *editor {
	return &editor{m, map[*file][]edit{}, map[*file]map[string]string{}, map[string]string{}}
}

func (e *editor) replace(f *file, from, to int, text string) {
	e.edits[f] = append(e.edits[f], edit{from, to, text})
}

// insertBehind inserts declarations behind one, and behind the comment on its last line.
func (e *editor) insertBehind(f *file, at token.Pos, text string) {
	offset := f.offset(e.m.fset, at)
	line, rest, _ := bytes.Cut(f.src[offset:], []byte("\n"))
	if comment := bytes.TrimSpace(line); len(comment) == 0 || bytes.HasPrefix(comment, []byte("//")) {
		offset += len(bytes.TrimRight(line, "\r"))
		if next, _, _ := bytes.Cut(rest, []byte("\n")); len(bytes.TrimSpace(next)) > 0 && text != "" {
			text += "\n"
		}
	}
	e.replace(f, offset, offset, text)
}

// use returns the name by which a file uses a package, after importing it if need be.
func (e *editor) use(f *file, importPath, name string) string {
	for _, spec := range f.syntax.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == importPath {
			if spec.Name == nil {
				return name
			}
			if spec.Name.Name == "." {
				return ""
			}
			if spec.Name.Name != "_" {
				return spec.Name.Name
			}
		}
	}
	if e.imports[f] == nil {
		e.imports[f] = map[string]string{}
	}
	if have, ok := e.imports[f][importPath]; ok {
		return have
	}
	as := name
	for i := 2; e.taken(f, as); i++ {
		as = name + strconv.Itoa(i)
		if importPath == registryPath {
			as = strings.TrimSuffix("pluginregistry"+strconv.Itoa(i-1), "1")
		}
	}
	e.imports[f][importPath] = as
	return as
}

// taken reports whether a name means something else in a file.
func (e *editor) taken(f *file, name string) bool {
	if f.pkg != nil && f.pkg.Types.Scope().Lookup(name) != nil {
		return true
	}
	for _, spec := range f.syntax.Imports {
		if e.m.importName(f, spec) == name {
			return true
		}
	}
	for _, as := range e.imports[f] {
		if as == name {
			return true
		}
	}
	return false
}

// importName returns the name that an import has in a file.
func (m *migration) importName(f *file, spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	importPath, _ := strconv.Unquote(spec.Path.Value)
	if f.pkg != nil {
		if imp := f.pkg.Imports[importPath]; imp != nil {
			return imp.Name
		}
	}
	if pkg := m.byPath[importPath]; pkg != nil {
		return pkg.Name
	}
	return majorless(importPath)
}

// importPath returns the path of the import that has a name in a file, or "".
func importPath(f *ast.File, name string) string {
	for _, spec := range f.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		as := majorless(p)
		if spec.Name != nil {
			as = spec.Name.Name
		}
		if as == name {
			return p
		}
	}
	return ""
}

// changes applies the edits.
func (e *editor) changes() (changes []write.Change, failures []failure) {
	for f := range e.edits {
		text, err := e.apply(f)
		if err != nil {
			failures = append(failures, failure{file: f.name, message: err.Error()})
			continue
		}
		if !bytes.Equal(text, f.src) {
			changes = append(changes, write.Change{Path: f.name, Old: f.src, New: text})
		}
	}
	for name, text := range e.created {
		changes = append(changes, write.Change{Path: name, New: []byte(text)})
	}
	slices.SortFunc(changes, func(a, b write.Change) int { return cmp.Compare(a.Path, b.Path) })
	return changes, failures
}

// apply returns the new text of a file. One that was formatted is formatted afterwards.
func (e *editor) apply(f *file) ([]byte, error) {
	edits := slices.Clone(e.edits[f])
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b bytes.Buffer
	at := 0
	for _, ed := range edits {
		if ed.from < at {
			return nil, fmt.Errorf("%s:%d: it is on a line with something else that changes", terminal.Path(f.name),
				1+bytes.Count(f.src[:ed.from], []byte("\n")))
		}
		b.Write(f.src[at:ed.from])
		b.WriteString(ed.text)
		at = ed.to
	}
	b.Write(f.src[at:])
	text, err := e.fixImports(f, b.Bytes())
	if err != nil {
		return nil, err
	}
	if was, err := format.Source(f.src); err == nil && bytes.Equal(was, f.src) {
		return format.Source(text)
	}
	return text, nil
}

// fixImports removes the imports that a file uses no more, and adds those that it uses now.
func (e *editor) fixImports(f *file, text []byte) ([]byte, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, f.name, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, id := range syntax.Unresolved {
		used[id.Name] = true
	}
	var edits []edit
	removed := map[ast.Spec]bool{}
	offset := func(pos token.Pos) int { return fset.PositionFor(pos, false).Offset }
	for _, d := range syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		kept := 0
		var specs []edit
		for _, s := range g.Specs {
			spec := s.(*ast.ImportSpec)
			name := e.m.importName(f, spec)
			if name == "_" || name == "." || name == "C" || used[name] || !e.wasUsed(f, spec) {
				kept++
				continue
			}
			from, to := lines(text, offset(spec.Pos()), offset(spec.End()))
			if spec.Doc != nil {
				from, _ = lines(text, offset(spec.Doc.Pos()), offset(spec.End()))
			}
			specs = append(specs, edit{from, to, ""})
			removed[s] = true
		}
		if kept == 0 && len(g.Specs) > 0 {
			from, to := lines(text, offset(g.Pos()), offset(g.End()))
			specs = []edit{{from, to, ""}}
		}
		edits = append(edits, specs...)
	}
	added := slices.SortedFunc(maps.Keys(e.imports[f]), func(a, b string) int {
		return cmp.Or(cmp.Compare(e.m.kindOf(b), e.m.kindOf(a)), cmp.Compare(b, a))
	})
	for _, importPath := range added { // the last at a place is the first in the text
		edits = append(edits, e.addImport(fset, syntax, removed, text, importPath, e.imports[f][importPath]))
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(b.from, a.from) })
	for _, ed := range edits {
		text = slices.Concat(text[:ed.from], []byte(ed.text), text[ed.to:])
	}
	return text, nil
}

// wasUsed reports whether an import was there before, by the same name.
func (e *editor) wasUsed(f *file, spec *ast.ImportSpec) bool {
	return slices.ContainsFunc(f.syntax.Imports,
		func(was *ast.ImportSpec) bool { return was.Path.Value == spec.Path.Value })
}

// lines extends a range of bytes to whole lines.
func lines(text []byte, from, to int) (int, int) {
	from = bytes.LastIndexByte(text[:from], '\n') + 1
	if i := bytes.IndexByte(text[to:], '\n'); i >= 0 {
		return from, to + i + 1
	}
	return from, len(text)
}

// addImport returns the edit that adds an import: to the group of imports of its kind, or as a
// group of its own. It is next to none of those that are removed.
func (e *editor) addImport(fset *token.FileSet, syntax *ast.File, removed map[ast.Spec]bool, text []byte,
	importPath, name string,
) edit {
	line := strconv.Quote(importPath)
	if path.Base(importPath) != name {
		line = name + " " + line
	}
	offset := func(pos token.Pos) int { return fset.PositionFor(pos, false).Offset }
	var alike, first, last *ast.ImportSpec // in declarations with parentheses
	var decl *ast.GenDecl
	for _, d := range syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT || len(g.Specs) == 0 || isC(g.Specs[0].(*ast.ImportSpec)) {
			continue
		}
		for _, s := range g.Specs {
			if removed[s] {
				continue
			}
			if decl = g; !g.Lparen.IsValid() {
				continue
			}
			spec := s.(*ast.ImportSpec)
			if first == nil {
				first = spec
			}
			last = spec
			if e.m.kindOf(specPath(spec)) == e.m.kindOf(importPath) {
				alike = spec
			}
		}
	}
	switch {
	case alike != nil:
		_, at := lines(text, offset(alike.Pos()), offset(alike.End()))
		return edit{at, at, "\t" + line + "\n"}
	case last != nil && rules.IsStandard(importPath):
		at, _ := lines(text, offset(first.Pos()), offset(first.Pos()))
		return edit{at, at, "\t" + line + "\n\n"}
	case last != nil:
		_, at := lines(text, offset(last.Pos()), offset(last.End()))
		return edit{at, at, "\n\t" + line + "\n"}
	case decl != nil:
		spec := decl.Specs[0].(*ast.ImportSpec)
		gap := "\n"
		if e.m.kindOf(specPath(spec)) != e.m.kindOf(importPath) {
			gap = "\n\n"
		}
		from := offset(spec.Pos())
		_, end := lines(text, from, offset(spec.End()))
		return edit{from, end, "(\n\t" + strings.TrimRight(string(text[from:end]), "\n") + gap + "\t" + line + "\n)\n"}
	}
	_, at := lines(text, offset(syntax.Name.Pos()), offset(syntax.Name.End()))
	return edit{at, at, "\nimport " + line + "\n"}
}

func specPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value)
	return p
}

func isC(spec *ast.ImportSpec) bool { return spec.Path.Value == `"C"` }

// kindOf returns a number for the kind of an import path, by which imports are grouped: of the
// standard library, of the module, or of another.
func (m *migration) kindOf(importPath string) int {
	switch {
	case rules.HasPathPrefix(importPath, m.module):
		return 1
	case rules.IsStandard(importPath):
		return 0
	}
	return 2
}

// A piece is a declaration to be written, with the comments before it.
type piece struct {
	comments []string // lines with their slashes
	instead  []string // if there are no comments
	notes    []string // directives
	code     string
}

// String returns the declaration as gofmt writes it.
func (p piece) String() string {
	var b strings.Builder
	comments := p.comments
	if len(comments) == 0 {
		comments = p.instead
	}
	for _, c := range comments {
		b.WriteString(c + "\n")
	}
	if n := len(comments); n > 0 && len(p.notes) > 0 && !strings.HasPrefix(comments[n-1], "//plugin:") {
		b.WriteString("//\n")
	}
	for _, d := range p.notes {
		b.WriteString(d + "\n")
	}
	b.WriteString(p.code)
	text := b.String()
	const head = "package p\n\n"
	if formatted, err := format.Source([]byte(head + text)); err == nil {
		text = strings.TrimSuffix(strings.TrimPrefix(string(formatted), head), "\n")
	}
	return text
}

// short returns a position relative to the module.
func (m *migration) short(pos token.Pos) string {
	at := m.fset.PositionFor(pos, false)
	if rel, err := filepath.Rel(m.dir, at.Filename); err == nil {
		at.Filename = filepath.ToSlash(rel)
	}
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}

func firstLine(s string) string {
	line, _, more := strings.Cut(s, "\n")
	line = strings.TrimSpace(line)
	if more {
		line += " …"
	}
	return line
}
