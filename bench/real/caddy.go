package real

import (
	"bytes"
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// caddyOptions are those of Caddy's modules, by their json tags.
var caddyOptions = configured{
	program:  caddy,
	tag:      "json",
	packages: []string{"./modules/..."},
	declare:  registerModules,
	complete: declareNamespaces,
	note: "Modules in modules are fields of json.RawMessage, and stay JSON that Caddy reads itself. " +
		"Seven of the fields that do not work are of modules that are lists, and so no tables; " +
		"the others decode themselves from JSON of several types, or are structs without a name, without " +
		"fields or of another module.",
	rules: []rule{
		// It is a module, and embedded with options of types that its package does not export.
		{"modules/caddyhttp/rewrite/rewrite.go", `type Rewrite struct`, "//plugin:options=json\ntype Rewrite struct"},
		// They decode themselves, from strings, numbers or lists.
		skip("modules/caddyhttp/fileserver/staticfiles.go", "StatusCode", "json"),
		skip("modules/caddyhttp/caddyhttp.go", "StatusCode", "json"),
		skip("modules/caddyhttp/reverseproxy/copyresponse.go", "StatusCode", "json"),
		skip("modules/caddyhttp/staticerror.go", "StatusCode", "json"),
		skip("modules/caddyhttp/staticresp.go", "StatusCode", "json"),
		skip("modules/caddyhttp/logging.go", "LoggerNames", "json"),
		skip("modules/caddypki/acmeserver/acmeserver.go", "Challenges", "json"),
		skip("modules/caddytls/certselection.go", "SerialNumber", "json"),
		skip("modules/caddytls/certselection.go", "PublicKeyAlgorithm", "json"),
		skip("modules/logging/filewriter.go", "Mode", "json"),
		// Structs without a name, without fields, and of another module.
		{"caddyconfig/httploader.go", "} `json:\"tls,omitempty\"", "} `json:\"-\" skipped:\"tls\""},
		skip("modules/caddyhttp/caddyauth/basicauth.go", "HashCache", "json"),
		skip("modules/caddytls/acmeissuer.go", "ExternalAccount", "json"),
	},
}

var namespaceOf = regexp.MustCompile(`(?m)^//plugin:namespace=(\S+) name=`)

// declareNamespaces makes a contract for each namespace that modules are in, which says
// that json tags name their options. Their interfaces are in many packages, and some in others'
// modules: all contracts are caddy.Module.
func declareNamespaces(dir string) error {
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		src, err := os.ReadFile(name)
		for _, m := range namespaceOf.FindAllSubmatch(src, -1) {
			found[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	b := bytes.NewBufferString("package caddy\n")
	for i, namespace := range slices.Sorted(maps.Keys(found)) {
		fmt.Fprintf(b, "\n//plugin:namespace=%s options=json section=%s\ntype Contract%d interface{ Module }\n",
			namespace, strings.ReplaceAll(namespace, ".", "_"), i)
	}
	return os.WriteFile(filepath.Join(dir, "contracts.go"), b.Bytes(), 0o644)
}
