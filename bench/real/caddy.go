package real

import (
	"go/ast"
	"strconv"
	"strings"
)

// Caddy's modules are types that init functions register.
var caddy = program{
	name:    "Caddy's standard modules",
	module:  "github.com/caddyserver/caddy/v2@v2.11.9",
	command: "cmd/caddy",
	host:    "modules/standard",
	list:    []string{"list-modules", "--skip-standard=false"},
	start:   []string{"version"},
	checked: []string{"./..."},
	ten: "namespaces=caddy:http,caddy:tls,caddy.http.handlers:file_server," +
		"caddy.http.handlers:headers,caddy.http.handlers:static_response," +
		"caddy.http.handlers:subroute,caddy.http.matchers:path,caddy.http.matchers:host," +
		"caddy.caddy.logging.encoders:json,caddy.caddy.logging.writers:stderr",
	note: "The ten are a server of files.",
	bridge: `package main

import (
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/plugingen/plugingen/registry"
)

func init() {
	for _, namespace := range registry.Default.Namespaces() {
		if !strings.HasPrefix(namespace, "caddy") {
			continue
		}
		specs, _ := registry.Default.Find(namespace)
		for _, spec := range specs {
			module, err := spec.New(spec)
			if err != nil {
				panic(err)
			}
			caddy.RegisterModule(module.(caddy.Module))
		}
	}
}
`,
	register: registerModules,
}

// registerModules puts a directive on every type that is registered.
func registerModules(p *pkg) (n int, err error) {
	for _, f := range p.files {
		ast.Inspect(f, func(node ast.Node) bool {
			stmt, ok := node.(*ast.ExprStmt)
			if !ok || err != nil {
				return err == nil
			}
			if name, ok := registered(stmt); ok {
				if id := p.moduleID(name); id != "" { // it is made up at run time for adapters of configurations
					p.replace(stmt.Pos(), stmt.End(), "")
					err = p.declare(name, directive(id))
					n++
				}
			}
			return true
		})
		p.keep(f, "github.com/caddyserver/caddy/v2", "caddy.Module")
	}
	return n, err
}

// registered returns the type that a statement registers: T{}, &T{} or new(T).
func registered(stmt *ast.ExprStmt) (string, bool) {
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", false
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if f.Sel.Name != "RegisterModule" {
			return "", false
		}
	case *ast.Ident:
		if f.Name != "RegisterModule" {
			return "", false
		}
	default:
		return "", false
	}
	arg := call.Args[0]
	if u, ok := arg.(*ast.UnaryExpr); ok {
		arg = u.X
	}
	switch a := arg.(type) {
	case *ast.CompositeLit:
		arg = a.Type
	case *ast.CallExpr: // new
		arg = a.Args[0]
	}
	ident, ok := arg.(*ast.Ident)
	if !ok {
		return "", false
	}
	return ident.Name, true
}

// moduleID returns what the type's CaddyModule method gives as ID.
func (p *pkg) moduleID(name string) (id string) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			m, ok := d.(*ast.FuncDecl)
			if !ok || m.Name.Name != "CaddyModule" || m.Recv == nil || receiver(m) != name {
				continue
			}
			ast.Inspect(m, func(n ast.Node) bool {
				if kv, ok := n.(*ast.KeyValueExpr); ok {
					if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "ID" {
						if lit, ok := kv.Value.(*ast.BasicLit); ok {
							id, _ = strconv.Unquote(lit.Value)
						}
					}
				}
				return true
			})
		}
	}
	return id
}

func receiver(m *ast.FuncDecl) string {
	t := m.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	ident, _ := t.(*ast.Ident)
	if ident == nil {
		return ""
	}
	return ident.Name
}

// directive returns the directive for a module. Those without a dot in the ID are in the
// namespace of Caddy's apps.
func directive(id string) string {
	namespace, name := "caddy", id
	if i := strings.LastIndex(id, "."); i >= 0 {
		namespace, name = "caddy."+id[:i], id[i+1:]
	}
	return "//plugin:namespace=" + namespace + " name=" + name
}
