package real

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"strconv"
)

// rclone's backends are values of a struct type that init functions make and
// register.
var rclone = program{
	name:    "rclone's backends",
	module:  "github.com/rclone/rclone@v1.76.0",
	command: ".",
	host:    "backend/all",
	list:    []string{"config", "providers"},
	listed:  providers,
	start:   []string{"version"},
	checked: []string{".", "./backend/...", "./fs"},
	ten: "namespaces=rclone.backends:local,rclone.backends:s3,rclone.backends:sftp," +
		"rclone.backends:crypt,rclone.backends:alias," +
		"rclone.backends:memory,rclone.backends:http,rclone.backends:webdav,rclone.backends:ftp,rclone.backends:union",
	note: "The contract is the struct type fs.RegInfo. Values that an init function registers became variables, " +
		"and where it does more before, factories.",
	bridge: `package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
	"github.com/rclone/rclone/fs"
)

func init() {
	manager := registry.NewManager[*fs.RegInfo]("rclone.backends")
	backends, err := manager.LoadAll(context.Background())
	if err != nil {
		panic(err)
	}
	for _, backend := range backends {
		fs.Register(backend)
	}
}
`,
	register: registerBackends,
}

// providers returns the names of what "rclone config providers" prints.
func providers(out []byte) (names []string, err error) {
	var backends []struct{ Name string }
	err = json.Unmarshal(out, &backends)
	for _, b := range backends {
		names = append(names, b.Name)
	}
	return names, err
}

// registerBackends makes variables and factories of what init functions
// register, and a contract of its type.
func registerBackends(p *pkg) (n int, err error) {
	for name, f := range p.files {
		if f.Name.Name == "fs" && filepath.Base(name) == "registry.go" {
			err = errors.Join(err, p.declare("RegInfo", "//plugin:namespace=rclone.backends contract"))
		}
		for _, d := range f.Decls {
			init, ok := d.(*ast.FuncDecl)
			if !ok || init.Recv != nil || init.Name.Name != "init" {
				continue
			}
			for i, stmt := range init.Body.List {
				if value, ok := backend(stmt); ok {
					err = errors.Join(err, p.makeBackend(init, i, value))
					n++
				}
			}
		}
	}
	return n, err
}

// backend returns what the statement fs.Register(...) registers.
func backend(stmt ast.Stmt) (ast.Expr, bool) {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return nil, false
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil, false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Register" {
		return nil, false
	}
	x, ok := f.X.(*ast.Ident)
	return call.Args[0], ok && x.Name == "fs"
}

// makeBackend makes a variable or a factory of what a statement of an init
// function registers. The statements after it stay.
//
//	func init() {                        //plugin:namespace=rclone.backends name=x factory
//		info := &fs.RegInfo{Name: "x"}   func registered() *fs.RegInfo {
//		fs.Register(info)                    info := &fs.RegInfo{Name: "x"}
//		f()                                  return info
//	}                                    }
//
//	                                     func init() {
//	                                         f()
//	                                     }
func (p *pkg) makeBackend(init *ast.FuncDecl, i int, value ast.Expr) error {
	directive, err := p.backendDirective(init)
	if err != nil {
		return err
	}
	stmt, end := init.Body.List[i], init.End()
	last := i == len(init.Body.List)-1
	if !last {
		end = stmt.End()
	}
	if i == 0 {
		p.replace(init.Pos(), value.Pos(), "//\n"+directive+"\nvar registered = ")
	} else {
		p.replace(init.Pos(), init.Body.Lbrace+1, "//\n"+directive+" factory\nfunc registered() *fs.RegInfo {")
		p.replace(stmt.Pos(), value.Pos(), "return ")
	}
	rest := ""
	if i > 0 {
		rest = "\n}"
	}
	if !last {
		rest += "\n\nfunc init() {"
	}
	p.replace(value.End(), end, rest)
	return nil
}

// backendDirective describes the first fs.RegInfo in an init function.
func (p *pkg) backendDirective(init *ast.FuncDecl) (directive string, err error) {
	err = fmt.Errorf("%v: no fs.RegInfo", p.fset.Position(init.Pos()))
	ast.Inspect(init, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || directive != "" {
			return directive == ""
		}
		if t, ok := lit.Type.(*ast.SelectorExpr); !ok || t.Sel.Name != "RegInfo" {
			return true
		}
		var key string
		if key, err = p.nameKey(field(lit, "Name")); err != nil {
			return false
		}
		directive = "//plugin:namespace=rclone.backends " + key
		if doc, ok := field(lit, "Description").(*ast.BasicLit); ok && doc.Kind == token.STRING {
			directive += " doc=" + doc.Value
		}
		if aliases, ok := field(lit, "Aliases").(*ast.CompositeLit); ok {
			for i, alias := range aliases.Elts {
				value, e := p.constant(alias)
				err = errors.Join(err, e)
				directive += []string{" aliases=", ","}[min(i, 1)] + strconv.Quote(value)
			}
		}
		return false
	})
	return directive, err
}
