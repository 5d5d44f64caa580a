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
)

// A Use is a place where a manager of a namespace is made, or asked for plugins.
type Use struct {
	Namespace string
	Name      string // "" for all
	Package   string
	At        string

	As      *shape // what the manager's plugins are to be
	Checked bool   // As has been compared with the contract
	Loads   bool   // the manager is asked for plugins
	Wary    bool   // the package has code for when there are none
	Local   bool   // As is of the package itself

	span    annotate.Span
	literal bool // the name is written as a string literal, or the namespace if there is none
}

func (u Use) compare(v Use) int {
	return cmp.Or(cmp.Compare(u.Namespace, v.Namespace), cmp.Compare(u.Name, v.Name), cmp.Compare(u.At, v.At))
}

// use adds a use to the facts.
func (v *managerVisitor) use(namespace, name string, at ast.Expr) *Use {
	_, literal := ast.Unparen(at).(*ast.BasicLit)
	v.facts.Uses = append(v.facts.Uses, Use{
		Namespace: namespace, Name: name, Package: v.Pkg.Path(), At: v.at(at.Pos()), Wary: v.wary, span: span(at), literal: literal,
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
		case !u.Loads:
			c.askedNamespace(u)
		case u.Name != "" && !slices.Contains(c.facts.names(u.Namespace), u.Name):
			c.askedName(u)
		case u.As != nil:
			c.askedType(u)
		}
	}
	c.strayNamespaces()
}

// askedNamespace checks the namespace that a manager is made for.
func (c *checker) askedNamespace(u Use) {
	known := c.facts.namespaces()
	near := nearMiss(u.Namespace, known)
	if near == "" && u.As != nil {
		near = c.facts.contracted(*u.As, u.Namespace)
	}
	k := c.facts.contract(u.Namespace)
	switch known := slices.Contains(known, u.Namespace); {
	case known && u.As == nil:
	case known && k != nil && c.wrongManagerOf(*u.As, *k) != "":
		if !u.Checked {
			c.reportUse(u, c.wrongManagerOf(*u.As, *k), "")
		}
	case known:
		if isConcrete(*u.As) && !c.facts.loads(u) {
			c.askedType(u)
		}
	case near != "" && !c.facts.Dynamic:
		c.reportUse(u, "there is no namespace "+u.Namespace, near)
	case near == "" && u.Local && !u.Wary && c.certain(u):
		c.reportUse(u, "nothing is declared in namespace "+u.Namespace+": this manager never has a plugin", "")
	}
}

// loads says whether the package that makes a manager is seen to load plugins of its
// namespace.
func (f *Facts) loads(u Use) bool {
	return slices.ContainsFunc(f.Uses, func(v Use) bool { return v.Loads && v.Package == u.Package && v.Namespace == u.Namespace })
}

// contracted returns the one namespace but this whose contract is the type, "" if there is
// none or several.
func (f *Facts) contracted(as shape, namespace string) string {
	found := ""
	for _, k := range f.Contracts {
		if k.Namespace == namespace || k.Type.Type != as.Type {
			continue
		}
		if found != "" {
			return ""
		}
		found = k.Namespace
	}
	return found
}

// askedName reports a name that no plugin has. A package may be written for
// plugins that others link; a host knows what it links.
func (c *checker) askedName(u Use) {
	names := c.facts.names(u.Namespace)
	near := nearMiss(u.Name, names)
	if bare, ok := strings.CutPrefix(u.Name, u.Namespace+":"); ok && slices.Contains(names, bare) {
		near = bare
	}
	if len(names) == 0 || c.facts.Dynamic || u.Wary || near == "" && !c.certain(u) {
		return
	}
	message := "there is no plugin " + u.Namespace + ":" + u.Name
	if near == "" {
		slices.Sort(names)
		if names = slices.Compact(names); len(names) > 5 {
			names = append(names[:5], "...")
		}
		message += ": there are " + strings.Join(names, ", ")
	}
	c.reportUse(u, message, near)
}

// certain says whether the use is by a host, all of whose plugins are known.
func (c *checker) certain(u Use) bool {
	return !c.facts.Dynamic &&
		slices.ContainsFunc(c.hosts(), func(h Host) bool { return h.Package == u.Package })
}

// askedType reports plugins that are asked for of a manager of another type.
func (c *checker) askedType(u Use) {
	for _, p := range c.facts.Plugins {
		if p.Namespace != u.Namespace || p.Type == nil || u.Name != "" && u.Name != p.Name && !slices.Contains(p.Aliases, u.Name) || !c.meet(p) {
			continue
		}
		if why := cantBe(p, *u.As); why != "" {
			c.reportUse(u, fmt.Sprintf("a manager of %s can't load plugin %s: %s", shown(u.As.Type), p.ID(), why), "")
			return
		}
	}
}

// cantBe says why a plugin is not of a type, "" if it is or might be.
func cantBe(p Plugin, as shape) string {
	t := *p.Type
	switch {
	case t.Open, isFunctionPlugin(as):
		return ""
	case isConcrete(as):
		if t.Type != as.Type {
			return "it is a " + shown(t.Type)
		}
	case p.Met: // the manager has been compared with the contract
	case as.Func != "":
		if t.Func != as.Func {
			return "it is a " + shown(t.Type)
		}
	case t.Func == "":
		if lacking := unsatisfied(t, as); len(lacking) > 0 {
			return lacking[0].what
		}
	}
	return ""
}

// strayNamespaces reports plugins whose namespace nobody else mentions, if it is
// nearly one that has a contract or a manager.
func (c *checker) strayNamespaces() {
	if c.facts.Veiled {
		return
	}
	var meant []string
	for _, k := range c.facts.Contracts {
		meant = append(meant, k.Namespace)
	}
	for _, u := range c.facts.Uses {
		meant = append(meant, u.Namespace)
	}
	slips := slipsOf(meant)
	for _, p := range c.facts.Plugins {
		near := slips.meant(p.Namespace)
		at, own := c.place(p.Origin, p.Origin)
		if near == "" || !at.Pos.IsValid() {
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

// namespaces returns the namespaces that anything is declared in.
func (f *Facts) namespaces() []string {
	var all []string
	for _, k := range f.Contracts {
		all = append(all, k.Namespace)
	}
	for _, p := range f.Plugins {
		all = append(all, p.Namespace)
	}
	for _, b := range f.Bases {
		all = append(all, b.Namespace)
	}
	for _, u := range slices.Concat(f.ByHand, f.Elsewhere) {
		all = append(all, u.Namespace)
	}
	return all
}

// names returns the names of the plugins of a namespace, aliases included.
func (f *Facts) names(namespace string) []string {
	var all []string
	for _, p := range f.Plugins {
		if p.Namespace == namespace {
			all = append(append(all, p.Name), p.Aliases...)
		}
	}
	for _, u := range slices.Concat(f.ByHand, f.Elsewhere) {
		if u.Namespace == namespace {
			all = append(all, u.Name)
		}
	}
	return all
}
