package analyzer

import (
	"cmp"
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// A Use is a place where a manager of a namespace is made, or asked for plugins.
type Use struct {
	Namespace string
	Name      string // "" for all
	Package   string
	At        string

	As             *typedesc.Type // what the manager's plugins are to be
	Checked        bool           // As has been compared with the contract
	Loads          bool           // the manager is asked for plugins
	HandlesMissing bool           // the package has code for when there are none
	Local          bool           // As is of the package itself

	// Early is the method that asks, if it is called only before a host links plugins.
	Early string
	// Alone is true if Managers are the namespaces of all managers that the manager is given.
	Alone    bool
	Managers []string

	span    annotate.Span
	literal bool // the name is written as a string literal, or the namespace if there is none
}

func (u Use) compare(v Use) int {
	return cmp.Or(cmp.Compare(u.Namespace, v.Namespace), cmp.Compare(u.Name, v.Name), cmp.Compare(u.At, v.At), cmp.Compare(u.Early, v.Early))
}

// use adds a use to the facts.
func (v *managerVisitor) use(namespace, name string, at ast.Expr) *Use {
	_, literal := ast.Unparen(at).(*ast.BasicLit)
	v.facts.Uses = append(v.facts.Uses, Use{
		Namespace: namespace, Name: name, Package: v.Pkg.Path(), At: v.at(at.Pos()), HandlesMissing: v.handlesMissing, span: span(at), literal: literal,
	})
	return &v.facts.Uses[len(v.facts.Uses)-1]
}

// asked checks what managers ask for, where all plugins of a program are known.
func (c *checker) asked() {
	if c.facts.Unread {
		return
	}
	for _, u := range c.facts.Uses {
		switch {
		case u.Early != "":
			c.askedEarly(u)
		case !u.Loads:
			c.askedNamespace(u)
		case u.Name != "" && !c.inventory().of(u.Namespace).known[u.Name]:
			c.askedName(u)
		case u.As != nil && !c.askedType(u):
			c.askedRequirements(u)
		}
	}
	c.strayNamespaces()
}

// askedEarly reports a manager that is asked before any host has linked plugins. A host that is
// not package main may be initialized before the package that asks.
func (c *checker) askedEarly(u Use) {
	elsewhere := func(h Host) bool { return !h.Main && h.Package != u.Package }
	byHand := withKey(c.facts.ByHand, u.Namespace, Use.namespace)
	if c.facts.Dynamic || len(byHand) > 0 || len(c.inventory().plugins(u.Namespace, "")) == 0 || slices.ContainsFunc(c.facts.Hosts, elsewhere) {
		return
	}
	c.reportUse(u, fmt.Sprintf("%s is called too early and finds no plugins: the init function in the host's %s links them, and runs later: "+
		"call %[1]s from main, or from a function that main calls", u.Early, genfile.Name("")), "")
}

// askedNamespace checks the namespace that a manager is made for.
func (c *checker) askedNamespace(u Use) {
	spaces := c.inventory().spaces
	near := spaces.nearest(u.Namespace)
	if near == "" && u.As != nil {
		near = c.contracted(*u.As, u.Namespace)
	}
	k := c.facts.contract(u.Namespace)
	switch known := spaces.known[u.Namespace]; {
	case known && u.As == nil:
	case known && c.wrongManagerOf(u.Namespace, *u.As, k) != "":
		if !u.Checked {
			c.reportUse(u, c.wrongManagerOf(u.Namespace, *u.As, k), "")
		}
	case known:
		if typedesc.IsConcrete(*u.As) && !c.inventory().loads[[2]string{u.Package, u.Namespace}] {
			c.askedType(u)
		}
	case near != "" && !c.facts.Dynamic:
		c.reportUse(u, "there is no namespace "+u.Namespace, near)
	case near == "" && u.Local && !u.HandlesMissing && c.certain(u):
		c.reportUse(u, "nothing is declared in namespace "+u.Namespace+": this manager never has a plugin", "")
	}
}

// contracted returns the one namespace but this whose contract is the type, or "" if there is
// none or several.
func (c *checker) contracted(as typedesc.Type, namespace string) string {
	if c.contracts == nil {
		c.contracts = map[string][]string{}
		for _, k := range c.facts.Contracts {
			if k.Impossible {
				continue
			}
			c.contracts[k.Type.Name] = append(c.contracts[k.Type.Name], k.Namespace)
		}
	}
	found := ""
	for _, other := range c.contracts[as.Name] {
		if other == namespace {
			continue
		}
		if found != "" {
			return ""
		}
		found = other
	}
	return found
}

// askedName reports a name that no plugin has. A package may be written for
// plugins that others link; a host knows what it links.
func (c *checker) askedName(u Use) {
	names := c.inventory().of(u.Namespace)
	near := names.nearest(u.Name)
	if bare, ok := strings.CutPrefix(u.Name, u.Namespace+":"); ok && names.known[bare] {
		near = bare
	}
	if len(names.list) == 0 || c.facts.Dynamic || u.HandlesMissing || near == "" && !c.certain(u) {
		return
	}
	message := "there is no plugin " + u.Namespace + ":" + u.Name
	if near == "" {
		message += ": there are " + names.first()
	}
	c.reportUse(u, message, near)
}

// certain reports whether the use is by a host, all of whose plugins are known.
func (c *checker) certain(u Use) bool {
	if c.facts.Dynamic || len(c.Files) > 0 && u.Package != c.Pkg.Path() {
		return false
	}
	_, host := slices.BinarySearchFunc(c.facts.Hosts, u.Package, func(h Host, path string) int { return cmp.Compare(h.Package, path) })
	return host
}

// askedType reports plugins that are asked for of a manager of another type, and whether
// there are any.
func (c *checker) askedType(u Use) bool {
	// Managers of one type and namespace are compared with the same plugins.
	key := [3]string{u.Namespace, u.Name, u.As.Name}
	why, known := c.inventory().wrongTypes[key]
	if !known {
		for _, p := range c.inventory().plugins(u.Namespace, u.Name) {
			if p.Type == nil || !c.meet(p) || c.askedResult(u, p) {
				continue
			}
			if why = cantBe(p, *u.As); why != "" {
				why = fmt.Sprintf("a manager of %s can't load plugin %s: %s", typedesc.Short(u.As.Name), p.ID(), why)
				break
			}
		}
		c.inventory().wrongTypes[key] = why
	}
	if why != "" {
		c.reportUse(u, why, "")
	}
	return why != ""
}

// cantBe says why a plugin is not of a type. It returns "" if it is or might be.
func cantBe(p Plugin, as typedesc.Type) string {
	t := *p.Type
	switch {
	case t.Open, typedesc.IsFunctionPlugin(as):
		return ""
	case typedesc.IsConcrete(as):
		if t.Name != as.Name {
			return "it is a " + typedesc.Short(t.Name)
		}
	case p.Met: // the manager has been compared with the contract
	case as.Func != "":
		if t.Func != as.Func {
			return "it is a " + typedesc.Short(t.Name)
		}
	case t.Func == "":
		if lacking := typedesc.Mismatches(t, as); len(lacking) > 0 {
			return lacking[0].Problem
		}
	}
	return ""
}

// strayNamespaces reports plugins whose namespace nothing else mentions, if it is
// nearly one that has a contract or a manager.
func (c *checker) strayNamespaces() {
	if c.facts.Veiled {
		return
	}
	meant := newWords()
	for _, k := range c.facts.Contracts {
		meant.add(k.Namespace)
	}
	for _, u := range c.facts.Uses {
		meant.add(u.Namespace)
	}
	for _, p := range c.facts.Plugins {
		near := meant.nearest(p.Namespace)
		if near == "" {
			continue
		}
		at, own := c.place(p.Origin, p.Origin)
		if !at.Pos.IsValid() {
			continue
		}
		where := ""
		if !own {
			where = ", declared at " + p.At
		}
		d := problem(BadManager, at, fmt.Sprintf("plugin %s%s: nothing loads plugins of namespace %s (did you mean %q?)", p.ID(), where, p.Namespace, near))
		if !own {
			d.Related = c.related(p.Origin, "the plugin is declared here", nil)
		}
		c.Report(d)
	}
}

// reportUse reports a use; near is what was meant, or "".
func (c *checker) reportUse(u Use, message, near string) {
	if near != "" {
		message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	d := problem(BadManager, u.span, message)
	if u.Package != c.Pkg.Path() && len(c.Files) > 0 {
		d = problem(BadManager, c.importOf(u.Package), u.At+": "+message)
	} else if u.literal && near != "" {
		d.SuggestedFixes = []analysis.SuggestedFix{{
			Message:   "write " + near,
			TextEdits: []analysis.TextEdit{{Pos: u.span.Pos, End: u.span.End, NewText: []byte(strconv.Quote(near))}},
		}}
	}
	if d.Pos.IsValid() {
		c.Report(d)
	}
}
