package real

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
)

// Telegraf's inputs are registered by init functions, each with a function that makes one.
var telegraf = program{
	name:    "Telegraf's inputs",
	module:  "github.com/influxdata/telegraf@v1.37.2",
	tags:    "custom,inputs",
	command: "cmd/telegraf",
	host:    "plugins/inputs/all",
	list:    []string{"plugins", "inputs"},
	start:   []string{"version"},
	checked: []string{".", "./plugins/inputs/...", "./cmd/telegraf"},
	ten: "namespaces=telegraf.inputs:cpu,telegraf.inputs:mem,telegraf.inputs:swap," +
		"telegraf.inputs:disk,telegraf.inputs:diskio," +
		"telegraf.inputs:net,telegraf.inputs:system,telegraf.inputs:processes," +
		"telegraf.inputs:kernel,telegraf.inputs:file",
	note: "Built with the tags custom and inputs, which leave out outputs, processors and the like. " +
		"plugingen found what Telegraf's own registry, a map, does not notice, and what the " +
		"script corrects: two inputs are registered twice in one build (wireless and, but " +
		"for Linux, infiniband), " +
		"and on systems other than Linux synproxy is registered by the name of slab, in its place.",
	bridge: `package main

import (
	"github.com/influxdata/telegraf"
	"github.com/influxdata/telegraf/plugins/inputs"
	"github.com/plugingen/plugingen/registry"
)

func init() {
	specs, _ := registry.Default.Find("telegraf.inputs")
	for _, spec := range specs {
		inputs.Add(spec.Name, func() telegraf.Input {
			input, err := spec.New(spec)
			if err != nil {
				panic(err)
			}
			return input.(telegraf.Input)
		})
	}
}
`,
	register: registerInputs,
}

// Errors that plugingen finds, and Telegraf's registry does not: it takes the last of a name.
var (
	// Files that register an input that another file of the same build registers, too.
	again = []string{"infiniband_notlinux.go", "wireless_linux.go", "wireless_notlinux.go"}
	// Names that files mean, instead of another input's.
	meant = map[string]string{"synproxy_notlinux.go": "synproxy"}
)

// registerInputs makes factories out of the init functions that register inputs, and a contract
// of the interface of inputs.
func registerInputs(p *pkg) (n int, err error) {
	for name, f := range p.files {
		if f.Name.Name == "telegraf" && filepath.Base(name) == "input.go" {
			err = errors.Join(err, p.declare("Input", "//plugin:namespace=telegraf.inputs"))
		}
		for _, d := range f.Decls {
			if init, ok := d.(*ast.FuncDecl); ok && init.Recv == nil && init.Name.Name == "init" &&
				len(init.Body.List) > 0 {
				if add, create, ok := added(init.Body.List[len(init.Body.List)-1]); !ok {
					continue
				} else if slices.Contains(again, filepath.Base(name)) {
					p.replace(init.Pos(), init.End(), "")
				} else {
					err = errors.Join(err, p.makeFactory(init, add, create))
					n++
				}
			}
		}
		p.keep(f, "github.com/influxdata/telegraf/plugins/inputs", "inputs.Creator")
	}
	return n, err
}

// added returns the call inputs.Add(name, func() telegraf.Input { ... }) and the function in it.
func added(stmt ast.Stmt) (*ast.CallExpr, *ast.FuncLit, bool) {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return nil, nil, false
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil, nil, false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Add" {
		return nil, nil, false
	}
	if x, ok := f.X.(*ast.Ident); !ok || x.Name != "inputs" {
		return nil, nil, false
	}
	create, ok := call.Args[1].(*ast.FuncLit)
	return call, create, ok
}

// makeFactory makes an init function the factory that it registers: what it does before it
// registers, the factory does first.
//
//	func init() {                                 //plugin:namespace=telegraf.inputs name=x factory
//		ps := f()                             func inputX() telegraf.Input {
//		inputs.Add("x", func() telegraf.Input {       ps := f()
//			return g(ps)                          return g(ps)
//		})
//	}                                             }
func (p *pkg) makeFactory(init *ast.FuncDecl, add *ast.CallExpr, create *ast.FuncLit) error {
	name, err := p.constant(add.Args[0])
	if err != nil {
		return err
	}
	name = cmp.Or(meant[filepath.Base(p.fset.Position(add.Pos()).Filename)], name)
	head := fmt.Sprintf(
		"//\n//plugin:namespace=telegraf.inputs name=%s factory\nfunc input_%s() telegraf.Input {",
		name, name)
	p.replace(init.Pos(), init.Body.Lbrace+1, head)
	p.replace(add.Pos(), create.Body.Lbrace+1, "")
	p.replace(create.Body.Rbrace, add.End(), "")
	return nil
}

// constant returns what a string is: a literal, or a constant of the package.
func (p *pkg) constant(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.Unquote(e.Value)
	case *ast.Ident:
		for _, spec := range p.specs(token.CONST) {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				if name.Name == e.Name && i < len(v.Values) {
					return p.constant(v.Values[i])
				}
			}
		}
	}
	return "", fmt.Errorf("%v: not a constant string", p.fset.Position(e.Pos()))
}

// telegrafOptions are those of Telegraf's inputs, by their toml tags.
var telegrafOptions = configured{
	program:  telegraf,
	tag:      "toml",
	packages: []string{"./plugins/inputs/all"},
	samples:  true,
	note:     "What does not work is no option: loggers, connections and the like, exported and without a tag.",
	declare:  registerInputs,
	rules: []rule{
		{"input.go", `namespace=telegraf.inputs`, "namespace=telegraf.inputs options=toml section=inputs"},
		// An embedded struct with an option of a type that its package does not export.
		{"plugins/common/socket/splitters.go", "type SplitConfig", "//plugin:options=toml\ntype SplitConfig"},
		// A number that decodes itself, from what is a number to the generated decoder, too.
		{"plugins/inputs/statsd/statsd.go", `toml:"percentiles"`, `toml:"percentiles" plugin:"option"`},
		// A type of another module.
		{"plugins/inputs/syslog/syslog.go", `toml:"trailer"`, `toml:"trailer" plugin:"option=trailer as=text"`},
	},
}
