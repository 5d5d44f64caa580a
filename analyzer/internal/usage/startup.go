package usage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
)

// startup finds the code of a package that only runs before a host has linked its plugins:
// the initial values of package variables, init functions, and functions that are called
// from nowhere else.
//
// Plugins are linked by an init function in a generated file of the host. Packages that the
// host imports are initialized before it. In the host itself, variables are initialized
// first; then the init functions run, file by file in the order of the files' names.
type startup struct {
	*target.Target
	// the name of the host's first generated file that links, "" if the package is no host
	links string
	uses  map[types.Object][]inspector.Cursor // of functions; nil until it is needed
	early map[types.Object]bool               // functions, once it is known; false while it is being found out
}

func newStartup(c *target.Target) *startup {
	s := &startup{Target: c, early: map[types.Object]bool{}}
	if c.IsHost() {
		s.links = genfile.Name("")
		for _, f := range c.Generated() {
			if f.Built && f.Err == nil && len(f.Links) > 0 {
				s.links = f.Name
				break // they are sorted
			}
		}
	}
	return s
}

// runs reports whether a call runs during startup, and at no other time.
func (s *startup) runs(call inspector.Cursor) bool {
	if s.Pkg.Name() == "main" && s.links == "" {
		return false // another check reports that nothing is linked
	}
	if call.ParentEdgeKind() == edge.GoStmt_Call {
		return false
	}
	for cur := call; ; cur = cur.Parent() {
		switch n := cur.Node().(type) {
		case *ast.FuncLit:
			if cur = called(cur); !cur.Valid() {
				return false
			}
		case *ast.FuncDecl:
			return s.function(n, cur.Parent().Node().(*ast.File))
		case *ast.File:
			return true // the value of a variable
		}
	}
}

// called returns the call of a function that an identifier names. It returns the zero Cursor if
// the function is used as a value, or called on a goroutine of its own.
func called(fun inspector.Cursor) inspector.Cursor {
	for {
		switch fun.ParentEdgeKind() {
		case edge.ParenExpr_X, edge.IndexExpr_X, edge.IndexListExpr_X:
			fun = fun.Parent()
		case edge.CallExpr_Fun:
			if call := fun.Parent(); call.ParentEdgeKind() != edge.GoStmt_Call {
				return call
			}
			return inspector.Cursor{}
		default:
			return inspector.Cursor{}
		}
	}
}

// function reports whether a function of a file only runs during startup.
func (s *startup) function(fn *ast.FuncDecl, file *ast.File) bool {
	obj := s.TypesInfo.Defs[fn.Name]
	switch {
	case fn.Recv != nil, obj == nil:
		return false
	case fn.Name.Name == "init":
		// the go command compiles files that cgo wrote last
		return s.links == "" || pkgfiles.BaseName(s.Pass, file) < s.links && !pkgfiles.FromCgo(file)
	case token.IsExported(fn.Name.Name) && s.Pkg.Name() != "main":
		return false
	}
	uses := s.usesOf(obj)
	if early, known := s.early[obj]; known {
		return early
	}
	s.early[obj] = false
	s.early[obj] = len(uses) > 0 && !slices.ContainsFunc(uses, func(use inspector.Cursor) bool {
		call := called(use)
		return !call.Valid() || !s.runs(call)
	})
	return s.early[obj]
}

// usesOf returns the identifiers that name a function in the package's code, except tests.
func (s *startup) usesOf(fn types.Object) []inspector.Cursor {
	if s.uses == nil {
		s.uses = map[types.Object][]inspector.Cursor{}
		for file := range s.Inspector().Root().Children() {
			if s.IsTest(file.Node().(*ast.File)) {
				continue
			}
			for cur := range file.Preorder((*ast.Ident)(nil)) {
				if fn, ok := s.TypesInfo.Uses[cur.Node().(*ast.Ident)].(*types.Func); ok && fn.Pkg() == s.Pkg {
					s.uses[fn] = append(s.uses[fn], cur)
				}
			}
		}
		// A manager decides when these run.
		for _, p := range s.Own.Plugins {
			for _, name := range symbols(p) {
				if obj := s.Pkg.Scope().Lookup(name); obj != nil {
					s.early[obj] = false
				}
			}
		}
	}
	return s.uses[fn]
}

// symbols returns the declarations that a plugin's generated code calls.
func symbols(p *annotate.Plugin) []string {
	all := []string{p.Symbol}
	for _, call := range []*annotate.Call{p.Factory, p.ShouldLoad, p.Load} {
		if call != nil {
			all = append(all, call.Symbol)
		}
	}
	return all
}
