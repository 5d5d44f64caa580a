package generated

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Print is how package registry writes the configuration of a program, in its method
// Registry.PrintConfig. It writes the configuration as it is in effect: what was given, by whatever source,
// and the defaults of the options that are described; each with where it is from:
//
//	[services.objects]
//	dir   = "/data" # ministack.toml:4:7
//	quota = "1GiB"  # default
//	token = ***     # environment variable OBJECTS_TOKEN
//
// It looks like TOML, and is for people. describe returns the description of the table at
// a path, or nil if there is none. Values of secret options, and all those that no
// description has, are shown as ***.
func Print(w io.Writer, v config.Value, describe func(path string) *Options) error {
	if describe == nil {
		describe = func(string) *Options { return nil }
	}
	p := printer{root: rootOf(v), describe: describe}
	if n := nodeOf(v); n != nil && n.Kind == tree.Table {
		p.table(n, v.Path(), describe(v.Path()), false)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

type printer struct {
	root     *tree.Root
	describe func(path string) *Options
	out      strings.Builder
}

// A printed is a line of a table, or a table or a list of tables in it.
type printed struct {
	key    string
	node   *tree.Node
	option *Option // nil if none is described
	secret bool
}

// table writes a table: its lines, and then the tables in it.
func (p *printer) table(n *tree.Node, path string, described *Options, secret bool) {
	var lines [][2]string
	var inner []printed
	for _, e := range p.entries(n, path, described) {
		e.secret = e.secret || secret
		if !e.secret && (e.node.Kind == tree.Table || isTables(e.node)) { // names in a secret may be some, too
			inner = append(inner, e)
			continue
		}
		shown := tree.Hidden
		if e.option != nil && !e.secret {
			shown = e.node.Literal()
		}
		key := tree.JoinPath("", e.key)
		lines = append(lines, [2]string{key + " = " + shown, positionAt(e.node).String()})
	}
	p.lines(lines)
	for _, e := range inner {
		p.inner(e, tree.JoinPath(path, e.key))
	}
}

// inner writes a table, or the tables of a list, below their header.
func (p *printer) inner(e printed, path string) {
	described := p.describe(path)
	if described == nil && e.option != nil {
		described = e.option.Table()
	}
	tables, open, closing := []tree.Entry{{Node: *e.node}}, "[", "]"
	if e.node.Kind == tree.List {
		tables, open, closing = e.node.Items, "[[", "]]"
	}
	isMap := e.option != nil && described != nil && strings.Contains(e.option.Type, "map[")
	for i := range tables {
		n := &tables[i].Node
		if p.out.Len() > 0 {
			p.out.WriteString("\n")
		}
		fmt.Fprintf(&p.out, "%s%s%s # %v\n", open, path, closing, positionAt(n))
		if isMap {
			for j := range n.Items {
				item := &n.Items[j]
				p.inner(printed{item.Key, &item.Node, nil, e.secret}.of(e.option), tree.JoinPath(path, item.Key))
			}
			continue
		}
		if described == nil && e.option != nil && !e.secret { // a map of scalars, or any
			p.table(n, path, e.option.each(n), false)
			continue
		}
		p.table(n, path, described, e.secret)
	}
}

// of returns the same for an item of a map, which has the option's table.
func (e printed) of(o *Option) printed {
	item := *o
	item.Type = "table"
	e.option = &item
	return e
}

// each describes all values of a table as an option does, if that has no secrets.
func (o *Option) each(n *tree.Node) *Options {
	os := new(Options)
	if o.Secret || strings.HasSuffix(o.Type, "plugin") {
		return os
	}
	for i := range n.Items {
		os.Options = append(os.Options, Option{Name: n.Items[i].Key, Type: o.Type})
	}
	return os
}

// entries returns what a table has, and what the environment and defaults add to it,
// sorted by name.
func (p *printer) entries(n *tree.Node, path string, described *Options) []printed {
	var all []printed
	seen := map[string]bool{}
	var options func(os *Options)
	options = func(os *Options) {
		for i := range os.Options {
			o := &os.Options[i]
			e := printed{key: o.Name, option: o, secret: o.Secret}
			for _, name := range append([]string{o.Name}, o.Aliases...) {
				if given := n.Get(name); given != nil {
					e.key, e.node = name, given
					break
				}
			}
			if v := p.variable(o, tree.JoinPath(path, o.Name)); v != nil && !wasSet(e.node) {
				e.node = v
			}
			if e.node == nil && o.HasDefault {
				e.node = &tree.Node{Kind: tree.Text, Text: o.Default, File: &defaults}
			}
			if e.node == nil && o.Type == "table" && o.Struct != nil {
				e.node = &tree.Node{Kind: tree.Table, File: &defaults}
			}
			if e.node != nil {
				all = append(all, e)
				seen[e.key] = true
			}
		}
		for _, embedded := range os.Embedded {
			options(embedded)
		}
	}
	if described != nil {
		options(described)
	}
	for i := range n.Items {
		if e := &n.Items[i]; !seen[e.Key] {
			all = append(all, printed{key: e.Key, node: &e.Node})
		}
	}
	slices.SortStableFunc(all, func(a, b printed) int { return strings.Compare(a.key, b.key) })
	return all
}

// variable returns what the environment has for an option, or nil.
func (p *printer) variable(o *Option, path string) *tree.Node {
	if p.root == nil || p.root.Env == nil {
		return nil
	}
	env, names := p.root.Env, []string(nil)
	if env.Prefix != "" {
		names = append(names, env.NameOf(path))
	}
	for _, name := range append(names, o.Env) {
		if v := env.Lookup(name); name != "" && v != nil && v.Value != "" {
			from := &tree.Origin{Name: "environment variable " + name, Layer: tree.LayerEnvironment}
			return &tree.Node{Kind: tree.Text, Text: v.Value, File: from}
		}
	}
	return nil
}

// lines writes names and values with their sources below each other.
func (p *printer) lines(lines [][2]string) {
	const most = 60
	width := 0
	for _, l := range lines {
		if len(l[0]) <= most {
			width = max(width, len(l[0]))
		}
	}
	for _, l := range lines {
		fmt.Fprintf(&p.out, "%-*s # %s\n", width, l[0], l[1])
	}
}

// isTables reports whether a value is a list that has tables, and nothing else.
func isTables(n *tree.Node) bool {
	if n.Kind != tree.List || len(n.Items) == 0 {
		return false
	}
	return !slices.ContainsFunc(n.Items, func(e tree.Entry) bool { return e.Node.Kind != tree.Table })
}

// wasSet reports whether a value is stronger than the environment.
func wasSet(n *tree.Node) bool { return n != nil && n.File.IsSet() }
