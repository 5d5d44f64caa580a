package real

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
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

// rcloneOptions are those of rclone's backends: structs with tags that only name the options, and
// tables that say all else. They make tags and comments that say it once.
var rcloneOptions = configured{
	program:  rclone,
	tag:      "config",
	always:   true,
	packages: []string{"./backend/all"},
	declare:  declareBackend,
	complete: readAsText,
	note: "Tags that the script makes of the tables of fs.Option name the options and say what their defaults are, " +
		"which are required, secret or advanced; the help becomes comments. Its seven types that have Set(string) " +
		"error, as flags, get UnmarshalText, which calls that: 155 fields are of these types.",
}

// declareBackend makes the struct Options of a backend a section, and the backend a plugin.
func declareBackend(p *pkg) (n int, err error) {
	if _, err := registerBackends(p); err != nil {
		return 0, err
	}
	var described map[string]*ast.CompositeLit
	for g, spec := range p.specs(token.TYPE) {
		t := spec.(*ast.TypeSpec)
		fields, ok := t.Type.(*ast.StructType)
		name := filepath.Dir(p.fset.Position(t.Pos()).Filename)
		if !ok || t.Name.Name != "Options" || filepath.Base(filepath.Dir(name)) != "backend" {
			continue
		}
		described = p.optionTable()
		p.replace(g.Pos(), g.Pos(), "//\n//plugin:options section="+filepath.Base(name)+"\n")
		for _, f := range fields.Fields.List {
			if f.Tag == nil {
				continue
			}
			tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
			option := tag.Get("config")
			if option == "" || option == "-" {
				continue
			}
			doc, keys := p.describe(described[option])
			p.replace(f.Pos(), f.Pos(), doc)
			p.replace(f.Tag.Pos(), f.Tag.End(), "`"+string(tag)+" plugin:"+
				strconv.Quote("option="+option+keys)+"`")
			n++
		}
	}
	return n, err
}

// optionTable returns the values of fs.Option in a package, by the names of the options.
func (p *pkg) optionTable() map[string]*ast.CompositeLit {
	found := map[string]*ast.CompositeLit{}
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if field(lit, "Name") == nil || field(lit, "Help") == nil {
					return true
				}
				if name, err := p.constant(field(lit, "Name")); err == nil {
					found[name] = lit
				}
			}
			return true
		})
	}
	return found
}

// describe returns the comment and the keys of the tag that say what a value of fs.Option does.
func (p *pkg) describe(lit *ast.CompositeLit) (doc, keys string) {
	if lit == nil {
		return "", ""
	}
	if help, err := p.text(field(lit, "Help")); err == nil {
		for line := range strings.Lines(strings.TrimSpace(help)) {
			doc += "// " + strings.TrimSpace(line) + "\n"
		}
	}
	is := func(name string) bool {
		id, ok := field(lit, name).(*ast.Ident)
		return ok && id.Name == "true"
	}
	switch {
	case is("IsPassword") || is("Sensitive"):
		keys += " secret"
	default:
		var value string
		switch e := field(lit, "Default").(type) {
		case *ast.BasicLit:
			value, _ = strconv.Unquote(e.Value)
			if e.Kind != token.STRING {
				value = e.Value
			}
		case *ast.Ident:
			if e.Name == "true" || e.Name == "false" {
				value = e.Name
			}
		}
		if value != "" && !strings.Contains(value, "`") {
			keys += " default=" + strconv.Quote(value)
		} else if is("Required") && field(lit, "Default") == nil {
			keys += " required"
		}
	}
	if is("Advanced") {
		keys += " advanced"
	}
	return doc, keys
}

// readAsText gives the types that have Set(string) error, as flags have, UnmarshalText.
func readAsText(dir string) error {
	for file, types := range map[string][]string{
		"fs": {"SizeSuffix", "Duration", "Tristate", "Time", "Enum[C]", "Bits[C]"}, "lib/encoder": {"MultiEncoder"},
	} {
		src := "package " + path.Base(file) + "\n"
		for _, t := range types {
			src += fmt.Sprintf("\n// UnmarshalText implements encoding.TextUnmarshaler.\n"+
				"func (x *%s) UnmarshalText(b []byte) error { return x.Set(string(b)) }\n", t)
		}
		if err := os.WriteFile(filepath.Join(dir, file, "text.go"), []byte(src), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// text is constant, of sums too.
func (p *pkg) text(e ast.Expr) (string, error) {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		x, err := p.text(sum.X)
		y, other := p.text(sum.Y)
		return x + y, errors.Join(err, other)
	}
	return p.constant(e)
}
