package program

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkUses checks the uses of managers. All plugins of the program must be known.
func (c *Checker) checkUses() {
	if c.Facts.Unanalyzed {
		return
	}
	for _, u := range c.Facts.Uses {
		switch {
		case u.StartupCall != "":
			c.checkStartupCall(u)
		case u.Opaque:
			c.checkOpaque(u)
		case !u.Loads:
			c.checkNamespace(u)
		case u.Name != "" && !c.index().Names(u.Namespace).Has(u.Name):
			c.checkName(u)
		case u.As != nil && !c.checkType(u):
			c.checkManagers(u)
		}
	}
	c.checkMisspeltNamespaces()
}

// checkStartupCall reports a use of a manager before a host has linked plugins. A
// host that is not package main may be initialized before the package of the use.
func (c *Checker) checkStartupCall(u facts.Use) {
	elsewhere := func(h facts.Host) bool { return !h.Main && h.Package != u.Package }
	byHand := c.Facts.ByHandIn(u.Namespace)
	if c.Facts.Incomplete || len(byHand) > 0 || len(c.index().Plugins(u.Namespace, "")) == 0 ||
		slices.ContainsFunc(c.Facts.Hosts, elsewhere) {
		return
	}
	c.reportUse(u, fmt.Sprintf("%s is called too early and finds no plugins: the init function in the "+
		"host's %s links them, and runs later: "+
		"call %[1]s from main, or from a function that main calls", u.StartupCall, genfile.Name("")), "")
}

// checkNamespace checks the namespace of a manager.
func (c *Checker) checkNamespace(u facts.Use) {
	spaces := c.index().Namespaces
	near := spaces.NearestIfMisspelt(u.Namespace)
	if near == "" && u.As != nil {
		near = c.ContractedNamespace(*u.As, u.Namespace)
	}
	k := c.Facts.Contract(u.Namespace)
	switch known := spaces.Has(u.Namespace); {
	case known && u.As == nil:
	case known && c.ManagerMismatch(u.Maker, u.Namespace, *u.As, k) != "":
		if !u.Checked {
			c.reportUse(u, c.ManagerMismatch(u.Maker, u.Namespace, *u.As, k), "")
		}
	case known:
		if typedesc.IsConcrete(*u.As) && !c.index().Loads(u.Package, u.Namespace) {
			c.checkType(u)
		}
	case near != "" && !c.Facts.Incomplete:
		c.reportUse(u, "there is no namespace "+u.Namespace, near)
	case near == "" && u.Local && !u.HandlesMissing && c.knowsPlugins(u):
		c.reportUse(u, "nothing is declared in namespace "+u.Namespace+": this "+u.Maker+" never has a plugin",
			spaces.Nearest(u.Namespace))
	}
}

// checkOpaque checks the namespace of a manager whose options are not known. They may give it
// plugins, but of a contract that says which namespaces it has, only in these.
func (c *Checker) checkOpaque(u facts.Use) {
	if c.Facts.Incomplete || c.index().Namespaces.Has(u.Namespace) {
		return
	}
	switch all := c.ContractedNamespaces(*u.As); len(all) {
	case 0:
	case 1:
		c.reportUse(u, "there is no namespace "+u.Namespace, all[0])
	default:
		near := c.index().Namespaces.Nearest(u.Namespace)
		message := "there is no namespace " + u.Namespace
		if near == "" {
			message += fmt.Sprintf("; %s is the contract of %s", typedesc.Short(u.As.Name), strings.Join(all, ", "))
		}
		c.reportUse(u, message, near)
	}
}

// checkName reports a name that no plugin has. A name that may be right is only reported in
// a host: another package may be written for plugins of other programs.
func (c *Checker) checkName(u facts.Use) {
	names := c.index().Names(u.Namespace)
	near, misspelt := names.Nearest(u.Name), names.NearestIfMisspelt(u.Name) != ""
	if bare, ok := strings.CutPrefix(u.Name, u.Namespace+":"); ok && names.Has(bare) {
		near, misspelt = bare, true
	}
	if names.Empty() || c.Facts.Incomplete || u.HandlesMissing || !misspelt && !c.knowsPlugins(u) {
		return
	}
	message := "there is no plugin " + u.Namespace + ":" + u.Name
	if near == "" {
		message += "; namespace " + u.Namespace + " has: " + names.First()
	}
	c.reportUse(u, message, near)
}

// knowsPlugins reports whether the use is by a host, all of whose plugins are known.
func (c *Checker) knowsPlugins(u facts.Use) bool {
	if c.Facts.Incomplete || !c.WholeProgram && u.Package != c.Pkg.Path() {
		return false
	}
	_, host := slices.BinarySearchFunc(c.Facts.Hosts, u.Package,
		func(h facts.Host, path string) int { return cmp.Compare(h.Package, path) })
	return host
}

// checkType reports a use of plugins that do not have the type of the manager. It
// returns whether there are any.
func (c *Checker) checkType(u facts.Use) bool {
	// Managers of one type and namespace are compared with the same plugins.
	key := [...]string{u.Maker, u.Namespace, u.Name, u.As.Name}
	why, known := c.memo().wrongTypes[key]
	if !known {
		for _, p := range c.index().Plugins(u.Namespace, u.Name) {
			if p.Type == nil || !c.LinkedTogether(p) || c.checkResult(u, p) {
				continue
			}
			if why = typeMismatch(p, *u.As); why != "" {
				why = fmt.Sprintf("a %s of %s can't load plugin %s: %s",
					u.Maker, typedesc.Short(u.As.Name), p.ID(), why)
				break
			}
		}
		c.memo().wrongTypes[key] = why
	}
	if why != "" {
		c.reportUse(u, why, "")
	}
	return why != ""
}

// typeMismatch returns the reason why a plugin does not have a type, or "" if it does
// or might.
func typeMismatch(p facts.Plugin, as typedesc.Type) string {
	t := *p.Type
	switch {
	case t.Open, typedesc.IsFunctionPlugin(as):
		return ""
	case typedesc.IsConcrete(as):
		if t.Name != as.Name {
			return "it is a " + typedesc.Short(t.Name)
		}
	case p.Checked: // the manager has been compared with the contract
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

// checkMisspeltNamespaces reports plugins of a namespace without contract and
// manager, if its name is nearly that of one with them.
func (c *Checker) checkMisspeltNamespaces() {
	if c.Facts.UnknownNamespaces {
		return
	}
	meant := facts.NewNameSet()
	for _, k := range c.Facts.Contracts {
		meant.Add(k.Namespace)
	}
	for _, u := range c.Facts.Uses {
		meant.Add(u.Namespace)
	}
	for _, p := range c.Facts.Plugins {
		near := meant.NearestIfMisspelt(p.Namespace)
		if near == "" {
			continue
		}
		at, own := c.Place(p.Origin, p.Origin)
		if !at.Pos.IsValid() {
			continue
		}
		where := ""
		if !own {
			where = ", declared at " + p.Where()
		}
		d := target.Problem(annotate.BadManager, at, fmt.Sprintf("plugin %s%s: nothing loads plugins of "+
			"namespace %s%s", p.ID(), where, p.Namespace, rules.DidYouMean(near)))
		if !own {
			d.Related = c.Related(p.Origin, "the plugin is declared here", nil)
		}
		c.Report(d)
	}
}

// reportUse reports a use; near is what was meant, or "".
func (c *Checker) reportUse(u facts.Use, message, near string) {
	message += rules.DidYouMean(near)
	d := target.Problem(annotate.BadManager, u.Span(), message)
	if u.Package != c.Pkg.Path() && !c.WholeProgram {
		d = target.Problem(annotate.BadManager, c.ImportOf(u.Package), u.At+": "+message)
	} else if u.Literal && near != "" {
		d.SuggestedFixes = []analysis.SuggestedFix{{
			Message: "write " + near,
			TextEdits: []analysis.TextEdit{{
				Pos: u.Span().Pos, End: u.Span().End,
				NewText: []byte(strconv.Quote(near)),
			}},
		}}
	}
	if d.Pos.IsValid() {
		c.Report(d)
	}
}

// index returns the index of the facts.
func (c *Checker) index() *facts.Index {
	if c.found == nil {
		c.found = facts.NewIndex(&c.Facts.Facts)
	}
	return c.found
}

// A memo has results that many uses share.
type memo struct {
	wrongTypes map[[4]string]string // see checkType
	factories  map[string]bool      // see checkResult
	unmanaged  map[string]string    // see missingManager
	crossings  map[int][]crossing
	requires   *facts.Requirements
}

func (c *Checker) memo() *memo {
	if c.answers == nil {
		c.answers = &memo{
			wrongTypes: map[[4]string]string{}, factories: map[string]bool{}, unmanaged: map[string]string{},
			crossings: map[int][]crossing{}, requires: facts.NewRequirements(&c.Facts.Facts),
		}
	}
	return c.answers
}
