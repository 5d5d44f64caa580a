package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plugingen/plugingen/internal/rules"
	"golang.org/x/tools/go/analysis"
)

// stubs returns a fix that adds the methods that a type of this package lacks, nil
// if there are none, or if they can't be written in the type's file.
func (c *checker) stubs(t types.Type, k Contract, lacking []mismatch) *analysis.SuggestedFix {
	star := ""
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		star, t = "*", p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() != c.Pkg || types.IsInterface(named) {
		return nil
	}
	contract := c.object(k.Package, k.Symbol)
	if contract == nil {
		return nil
	}
	iface, ok := contract.Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	file, end := c.declaration(named.Obj())
	if file == nil {
		return nil
	}
	q := qualifier{checker: c, file: file}
	receiver := named.Obj().Name()
	if params := named.Origin().TypeParams(); params.Len() > 0 {
		receiver += "[" + strings.Repeat(", _", params.Len())[2:] + "]"
	}
	var b strings.Builder
	var names []string
	for m := range iface.Methods() {
		if slices.ContainsFunc(lacking, func(l mismatch) bool { return l.method == m.Id() && l.absent }) {
			b.WriteString("\n\nfunc (" + star + receiver + ") " + m.Name())
			signature := strings.TrimPrefix(types.TypeString(m.Signature(), q.name), "func")
			field, _, _ := types.LookupFieldOrMethod(named, true, c.Pkg, m.Name())
			q.impossible = q.impossible || field != nil || !m.Exported() && m.Pkg() != c.Pkg || namesPrivate(signature)
			b.WriteString(signature)
			fmt.Fprintf(&b, " {\n\tpanic(\"TODO: %s\")\n}", m.Name())
			names = append(names, m.Name())
		}
	}
	if len(names) == 0 || q.impossible {
		return nil
	}
	fix := &analysis.SuggestedFix{
		Message:   "add " + strings.Join(names, ", ") + " to " + named.Obj().Name(),
		TextEdits: []analysis.TextEdit{{Pos: end, End: end, NewText: []byte(b.String())}},
	}
	if len(q.imports) > 0 {
		add := ""
		for _, path := range q.imports {
			add += "\n\nimport " + strconv.Quote(path)
		}
		at := file.Name.End()
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: at, End: at, NewText: []byte(add)})
	}
	return fix
}

// namesPrivate says whether a signature has a type in it that only another package
// can name.
func namesPrivate(signature string) bool {
	for i := 1; i+1 < len(signature); i++ {
		next, _ := utf8.DecodeRuneInString(signature[i+1:])
		if signature[i] == '.' && signature[i-1] != '.' && (unicode.IsLower(next) || next == '_') && signature[i-1] != ' ' {
			return true
		}
	}
	return false
}

// declaration returns the file that an object is declared in, and the end of the
// last line of its declaration, nil if that is not a file to be edited.
func (c *checker) declaration(obj types.Object) (*ast.File, token.Pos) {
	for _, f := range c.Files {
		if obj.Pos() < f.FileStart || f.FileEnd <= obj.Pos() || ast.IsGenerated(f) || fromCgo(f) {
			continue
		}
		for _, d := range f.Decls {
			if d.Pos() <= obj.Pos() && obj.Pos() < d.End() {
				source := c.Fset.File(f.FileStart)
				line := source.Line(d.End())
				if source.PositionFor(d.End(), false).Line != line || line >= source.LineCount() {
					return f, d.End()
				}
				return f, source.LineStart(line+1) - 1
			}
		}
	}
	return nil, token.NoPos
}

// A qualifier names packages as a file does, and notes those that it does not import.
type qualifier struct {
	*checker
	file       *ast.File
	imports    []string
	impossible bool
}

func (q *qualifier) name(pkg *types.Package) string {
	if pkg == q.Pkg {
		return ""
	}
	for _, imp := range q.file.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		switch {
		case path != pkg.Path() || imp.Name != nil && imp.Name.Name == "_":
		case imp.Name == nil:
			return pkg.Name()
		case imp.Name.Name == ".":
			return ""
		default:
			return imp.Name.Name
		}
	}
	taken := q.Pkg.Scope().Lookup(pkg.Name()) != nil || slices.ContainsFunc(q.file.Imports, func(imp *ast.ImportSpec) bool {
		path, _ := strconv.Unquote(imp.Path.Value)
		return imp.Name != nil && imp.Name.Name == pkg.Name() || imp.Name == nil && lastElement(path) == pkg.Name()
	})
	if taken || !rules.CanImport(q.Pkg.Path(), pkg.Path()) {
		q.impossible = true
	}
	if !slices.Contains(q.imports, pkg.Path()) {
		q.imports = append(q.imports, pkg.Path())
	}
	return pkg.Name()
}
