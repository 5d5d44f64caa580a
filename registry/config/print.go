package config

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Print writes the configuration as it is in effect: what was given, by whatever source,
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
func Print(w io.Writer, v Value, describe func(path string) *Options) error {
	if describe == nil {
		describe = func(string) *Options { return nil }
	}
	p := printer{root: rootOf(v), describe: describe}
	if n := nodeOf(v); n != nil && n.kind == table {
		p.table(n, v.Path(), describe(v.Path()), false)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

type printer struct {
	root     *root
	describe func(path string) *Options
	out      strings.Builder
}

// A printed is a line of a table, or a table or a list of tables in it.
type printed struct {
	key    string
	node   *node
	option *Option // nil if none is described
	secret bool
}

// table writes a table: its lines, and then the tables in it.
func (p *printer) table(n *node, path string, described *Options, secret bool) {
	var lines [][2]string
	var inner []printed
	for _, e := range p.entries(n, path, described) {
		e.secret = e.secret || secret
		if !e.secret && (e.node.kind == table || isTables(e.node)) { // names in a secret may be some, too
			inner = append(inner, e)
			continue
		}
		shown := hidden
		if e.option != nil && !e.secret {
			shown = e.node.literal()
		}
		key := joinPath("", e.key)
		lines = append(lines, [2]string{key + " = " + shown, positionAt(e.node).String()})
	}
	p.lines(lines)
	for _, e := range inner {
		p.inner(e, joinPath(path, e.key))
	}
}

// inner writes a table, or the tables of a list, below their header.
func (p *printer) inner(e printed, path string) {
	described := p.describe(path)
	if described == nil && e.option != nil {
		described = e.option.Table()
	}
	tables, open, closing := []entry{{node: *e.node}}, "[", "]"
	if e.node.kind == list {
		tables, open, closing = e.node.items, "[[", "]]"
	}
	isMap := e.option != nil && described != nil && strings.Contains(e.option.Type, "map[")
	for i := range tables {
		n := &tables[i].node
		if p.out.Len() > 0 {
			p.out.WriteString("\n")
		}
		fmt.Fprintf(&p.out, "%s%s%s # %v\n", open, path, closing, positionAt(n))
		if isMap {
			for j := range n.items {
				item := &n.items[j]
				p.inner(printed{item.key, &item.node, nil, e.secret}.of(e.option), joinPath(path, item.key))
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
func (o *Option) each(n *node) *Options {
	os := new(Options)
	if o.Secret || strings.HasSuffix(o.Type, "plugin") {
		return os
	}
	for i := range n.items {
		os.Options = append(os.Options, Option{Name: n.items[i].key, Type: o.Type})
	}
	return os
}

// entries returns what a table has, and what the environment and defaults add to it,
// sorted by name.
func (p *printer) entries(n *node, path string, described *Options) []printed {
	var all []printed
	seen := map[string]bool{}
	var options func(os *Options)
	options = func(os *Options) {
		for i := range os.Options {
			o := &os.Options[i]
			e := printed{key: o.Name, option: o, secret: o.Secret}
			for _, name := range append([]string{o.Name}, o.Aliases...) {
				if given := n.get(name); given != nil {
					e.key, e.node = name, given
					break
				}
			}
			if v := p.variable(o, joinPath(path, o.Name)); v != nil && !wasSet(e.node) {
				e.node = v
			}
			if e.node == nil && o.HasDefault {
				e.node = &node{kind: text, text: o.Default, file: &defaults}
			}
			if e.node == nil && o.Type == "table" && o.Struct != nil {
				e.node = &node{kind: table, file: &defaults}
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
	for i := range n.items {
		if e := &n.items[i]; !seen[e.key] {
			all = append(all, printed{key: e.key, node: &e.node})
		}
	}
	slices.SortStableFunc(all, func(a, b printed) int { return strings.Compare(a.key, b.key) })
	return all
}

// variable returns what the environment has for an option, or nil.
func (p *printer) variable(o *Option, path string) *node {
	if p.root == nil || p.root.env == nil {
		return nil
	}
	env, names := p.root.env, []string(nil)
	if env.prefix != "" {
		names = append(names, env.nameOf(path))
	}
	for _, name := range append(names, o.Env) {
		if v := env.lookup(name); name != "" && v != nil && v.value != "" {
			from := &origin{name: "environment variable " + name, layer: layerEnvironment}
			return &node{kind: text, text: v.value, file: from}
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
func isTables(n *node) bool {
	if n.kind != list || len(n.items) == 0 {
		return false
	}
	return !slices.ContainsFunc(n.items, func(e entry) bool { return e.node.kind != table })
}

// wasSet reports whether a value is stronger than the environment.
func wasSet(n *node) bool { return n != nil && n.file.isSet() }
