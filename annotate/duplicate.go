package annotate

import "github.com/plugingen/plugingen/internal/rules"

// A claim is a name that a plugin has, its own or an alias.
type claim struct {
	plugin *Plugin
	alias  bool
}

func (c claim) what() string {
	if c.alias {
		return "alias"
	}
	return "plugin"
}

// where says on what the name is declared.
func (c claim) where() string {
	if c.alias {
		return "it is an alias of " + c.plugin.Symbol + " here"
	}
	return "it is " + c.plugin.Symbol + ", declared here"
}

func (c claim) span(name string) Span {
	if c.alias {
		span, _ := c.plugin.item("aliases", name)
		return span
	}
	return c.plugin.Span("name")
}

// Duplicates reports plugins of one name, aliases included, unless no build has both.
func Duplicates(plugins []*Plugin) []Diagnostic {
	type named struct {
		claim
		name string
	}
	claims := func(yield func(string, named) bool) {
		for _, p := range plugins {
			if !yield(p.ID(), named{claim{p, false}, p.Name}) {
				return
			}
		}
		for _, p := range plugins {
			for _, alias := range p.Aliases {
				if !yield(p.Namespace+":"+alias, named{claim{p, true}, alias}) {
					return
				}
			}
		}
	}
	clash := func(a, b named) bool {
		return a.plugin != b.plugin && !a.plugin.File.Constraint.Excludes(b.plugin.File.Constraint)
	}
	var diags []Diagnostic
	for _, c := range rules.Clashes(claims, clash) {
		diags = append(diags, Diagnostic{
			Span: c.Second.span(c.Second.name), Category: Duplicate,
			Message: c.Second.what() + " " + c.ID + " is declared already: a name is unique in its namespace, aliases included",
			Related: []Related{{c.First.span(c.First.name), c.First.where()}},
		})
	}
	return diags
}

// DuplicateContracts reports contracts of one namespace, unless no build has both.
func DuplicateContracts(contracts []*Contract) []Diagnostic {
	var diags []Diagnostic
	for i, c := range contracts {
		for _, other := range contracts[:i] {
			if c.Namespace == other.Namespace && !c.File.Constraint.Excludes(other.File.Constraint) {
				diags = append(diags, Diagnostic{
					Span: c.Directive, Category: Duplicate,
					Message: "namespace " + c.Namespace + " has a contract already, and can have only one: mark one of the two, or give this one a namespace of its own",
					Related: []Related{{other.Decl, "it is " + other.Symbol + ", declared here"}},
				})
				break
			}
		}
	}
	return diags
}
