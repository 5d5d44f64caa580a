package real

import (
	"errors"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
)

// CoreDNS's plugins are functions that set a server up. A file lists them in
// the order in which a server calls them.
var coreDNS = program{
	name:    "CoreDNS",
	module:  "github.com/coredns/coredns@v1.15.0",
	command: ".",
	host:    "core/plugin",
	list:    []string{"-plugins"},
	start:   []string{"-version"},
	checked: []string{"."},
	ten: "namespaces=coredns:errors,coredns:log,coredns:health,coredns:ready,coredns:cache," +
		"coredns:forward,coredns:hosts,coredns:file,coredns:reload,coredns:loop",
	note: "The order that plugin.cfg gives to the plugins is theirs to say, by after: " +
		"the bridge passes the order in which a " +
		"manager loads them to the server, and dies if it is not the one of the file.",
	bridge: `package main

import (
	"context"
	"slices"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/plugingen/plugingen/registry"
)

func init() {
	manager := registry.NewManager[plugin.Setup]("coredns")
	if _, err := manager.LoadAll(context.Background()); err != nil {
		panic(err)
	}
	var order []string
	for spec, setup := range manager.Loaded() {
		caddy.RegisterPlugin(spec.Name, caddy.Plugin{ServerType: "dns", Action: caddy.SetupFunc(setup)})
		order = append(order, spec.Name)
	}
	listed := slices.DeleteFunc(slices.Clone(dnsserver.Directives),
		func(name string) bool { return !manager.Exists(name) })
	if !slices.Equal(order, listed) {
		panic("the order is another one")
	}
	dnsserver.Directives = append(order, "on") // on is of another module
}
`,
	register: registerSetups,
}

// registerSetups puts a directive on the function that a package registers, and
// makes a contract of the type of such functions.
func registerSetups(p *pkg) (n int, err error) {
	for name, f := range p.files {
		if f.Name.Name == "plugin" && filepath.Base(name) == "register.go" {
			p.replace(f.FileEnd, f.FileEnd,
				"\n// A Setup sets a server up.\n//\n//plugin:namespace=coredns\ntype Setup "+
					"func(c *caddy.Controller) error\n")
		}
		for _, d := range f.Decls {
			init, ok := d.(*ast.FuncDecl)
			if !ok || init.Recv != nil || init.Name.Name != "init" {
				continue
			}
			for _, stmt := range init.Body.List {
				if plugin, setup, ok := setUp(stmt); ok {
					p.replace(stmt.Pos(), stmt.End(), "")
					directive, e := p.setupDirective(plugin)
					err = errors.Join(err, e, p.declareFunc(setup, directive))
					n++
				}
			}
		}
		p.keep(f, "github.com/coredns/coredns/plugin", "plugin.Handler")
		p.keep(f, "github.com/coredns/caddy", "caddy.Controller")
	}
	return n, err
}

// setUp returns the name and the function of plugin.Register(name, setup) or
// caddy.RegisterPlugin(name, caddy.Plugin{Action: setup}).
func setUp(stmt ast.Stmt) (name ast.Expr, setup string, ok bool) {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return nil, "", false
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil, "", false
	}
	if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "Register" && f.Sel.Name != "RegisterPlugin" {
		return nil, "", false
	}
	action := call.Args[1]
	if lit, ok := action.(*ast.CompositeLit); ok {
		action = field(lit, "Action")
	}
	ident, ok := action.(*ast.Ident)
	if !ok {
		return nil, "", false
	}
	return call.Args[0], ident.Name, true
}

// field returns what a composite literal gives to a field, or nil.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// setupDirective is the directive of a plugin: its name, by the constant if it
// has one, and after all that are before it in plugin.cfg.
func (p *pkg) setupDirective(name ast.Expr) (string, error) {
	key, err := p.nameKey(name)
	if err != nil {
		return "", err
	}
	value, err := p.constant(name)
	if err != nil {
		return "", err
	}
	src, err := os.ReadFile(filepath.Join(p.root, "plugin.cfg"))
	if err != nil {
		return "", err
	}
	var before []string
	for line := range strings.Lines(string(src)) {
		other, _, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if other == value {
			break
		}
		before = append(before, other)
	}
	after := ""
	if len(before) > 0 {
		after = " after=" + strings.Join(before, ",")
	}
	return "//plugin:namespace=coredns " + key + after, nil
}
