package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file leaves the registrations that would be made of something else when they are linked.
//
// What an init function evaluates to register it, a factory evaluates when the host links it:
// after the rest of that function, and after the init functions of other packages. It is the
// same then if what is read is not written in between. What is read and written is variables of
// packages, and the state of other modules and of the process, of which it is known only which
// functions are called.

// A state is what code reads or writes: a *types.Var of a package, or a string for what is not
// of the module.
type state any

const (
	process      = "the process"             // its environment, directory and files
	processOfAny = "the process, indirectly" // as functions of other modules read it
	flags        = "the flags"               // their values
)

// effects is what code reads and writes, and where.
type effects struct {
	reads, writes map[state]ast.Node
	seen          map[string]bool // functions
}

// changedUntilLinked returns what something is made of that is written between its registration and
// its being linked, "" if there is nothing.
func (m *migration) changedUntilLinked(mv *move) string {
	if mv.form != newFactory && mv.form != newShared {
		return ""
	}
	read := m.effectsOf(mv.file, append([]ast.Node{mv.value}, nodes(mv.needs)...)...)
	if len(read.reads) == 0 {
		return ""
	}
	for _, code := range m.between(mv) {
		written := m.effectsOf(code.file, code.node)
		var changed state
		for s, at := range written.writes { // the first
			if first := written.writes[changed]; read.reads[s] != nil && (first == nil || at.Pos() < first.Pos()) {
				changed = s
			}
		}
		if changed != nil {
			what := "what " + m.excerptOf(read.reads[changed]) + " returns"
			if v, isVar := changed.(*types.Var); isVar {
				what = "the variable " + v.Name()
			}
			by := m.short(written.writes[changed].Pos())
			return fmt.Sprintf("it depends on %s, which %s may change before it is linked", what, by)
		}
	}
	return ""
}

func nodes(stmts []ast.Stmt) (all []ast.Node) {
	for _, s := range stmts {
		all = append(all, s)
	}
	return all
}

func (m *migration) excerptOf(n ast.Node) string {
	f := m.files[m.fset.PositionFor(n.Pos(), false).Filename]
	if call, ok := n.(*ast.CallExpr); ok {
		n = call.Fun
	}
	return firstLine(m.source(f, n))
}

// A codeOf is a piece of code in a file.
type codeOf struct {
	file *file
	node ast.Node
}

// between returns the code that is executed between the registration of something and its being
// linked: the rest of its init function, other code that initializes its package, and that of
// the packages that are initialized later, unless its own package links it.
func (m *migration) between(mv *move) (all []codeOf) {
	if mv.init != nil {
		after := false
		for _, stmt := range mv.init.Body.List {
			after = after || stmt == mv.stmt || slices.Contains(mv.needs, stmt)
			if after && stmt != mv.stmt && !slices.Contains(mv.needs, stmt) {
				all = append(all, codeOf{mv.file, stmt})
			}
		}
	}
	before := set{}
	if pkg := m.byPath[mv.file.path]; pkg != nil {
		before.add(m.deps(pkg))
	}
	for _, f := range m.sortedFiles() {
		own := f.path == mv.file.path
		if f.pkg == nil || isTest(f) || !own && (before[f.path] || m.linksItself(mv)) {
			continue
		}
		for _, n := range initial(f) {
			if own && (mv.init != nil && n == ast.Node(mv.init.Body) || within(mv.at, n)) {
				continue
			}
			_, isBody := n.(*ast.BlockStmt)
			if own && (!isBody || mv.init != nil && comparePositions(m.at(n), m.at(mv.init)) < 0) {
				continue // variables come first
			}
			all = append(all, codeOf{f, n})
		}
	}
	return all
}

func (m *migration) at(n ast.Node) token.Position { return m.fset.PositionFor(n.Pos(), false) }

// effectsOf returns the effects of code.
func (m *migration) effectsOf(f *file, code ...ast.Node) *effects {
	e := &effects{map[state]ast.Node{}, map[state]ast.Node{}, map[string]bool{}}
	for _, n := range code {
		m.addEffects(e, f.pkg.TypesInfo, n, nil)
	}
	return e
}

// addEffects adds the effects of code, and of the functions of the module that it calls. They are
// at the node, if it is not nil, and otherwise where they are. Literals that are not called have
// none.
func (m *migration) addEffects(e *effects, info *types.Info, code, at ast.Node) {
	where := func(n ast.Node) ast.Node {
		if at != nil {
			return at
		}
		return n
	}
	write := func(x ast.Expr) {
		if v := variableOf(info, x); v != nil {
			e.writes[v] = where(x)
		}
	}
	ast.Inspect(code, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				write(x)
			}
		case *ast.IncDecStmt:
			write(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				write(n.X)
			}
		case *ast.Ident:
			if v := packageVar(info, n); v != nil {
				e.reads[v] = where(n)
			}
		case *ast.CallExpr:
			m.addCall(e, info, n, where(n))
		}
		return true
	})
}

// variableOf returns the variable of a package that an expression is, or is a part of.
func variableOf(info *types.Info, x ast.Expr) *types.Var {
	for {
		if v := packageVar(info, x); v != nil {
			return v
		}
		switch e := ast.Unparen(x).(type) {
		case *ast.IndexExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		default:
			return nil
		}
	}
}

func (m *migration) addCall(e *effects, info *types.Info, call *ast.CallExpr, at ast.Node) {
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		m.addEffects(e, info, lit.Body, at)
		return
	}
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	path, root := fn.Pkg().Path(), moduleRoot(fn.Pkg().Path())
	switch {
	case m.inModule(fn.Pkg()):
		d := m.funcs[fn.Origin().FullName()]
		if d == nil || d.node.Body == nil || e.seen[fn.FullName()] {
			return
		}
		e.seen[fn.FullName()] = true
		m.addEffects(e, d.file.pkg.TypesInfo, d.node.Body, at)
	case path == "os" || path == "syscall" || path == "io/ioutil" || path == "path/filepath":
		if writing[fn.Name()] {
			e.writes[process], e.writes[processOfAny] = at, at
		} else if fn.Signature().Recv() == nil {
			e.reads[process] = at
		}
	case path == "flag":
		e.reads[flags] = at
		if fn.Name() == "Parse" || fn.Name() == "Set" {
			e.writes[flags] = at
		}
	case !rules.IsStandard(path):
		e.reads[root], e.writes[root] = at, at
		e.reads[processOfAny], e.writes[process] = at, at
	}
}

// writing has the functions of packages os, syscall and io/ioutil that change the process or
// its files.
var writing = map[string]bool{
	"Setenv": true, "Unsetenv": true, "Clearenv": true, "Chdir": true, "WriteFile": true, "Create": true,
	"CreateTemp": true, "OpenFile": true, "Mkdir": true, "MkdirAll": true, "MkdirTemp": true, "Remove": true,
	"RemoveAll": true, "Rename": true, "Symlink": true, "Link": true, "Truncate": true, "CopyFS": true,
}

// moduleRoot returns what the import paths of a module, or of modules that are related, begin with.
func moduleRoot(path string) string {
	words := strings.SplitN(path, "/", 4)
	return strings.Join(words[:min(3, len(words))], "/")
}
