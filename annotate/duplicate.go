package annotate

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
	seen := map[string][]claim{}
	var diags []Diagnostic
	add := func(name string, e claim) {
		id := e.plugin.Namespace + ":" + name
		for _, other := range seen[id] {
			if other.plugin == e.plugin || other.plugin.File.Constraint.Excludes(e.plugin.File.Constraint) {
				continue
			}
			diags = append(diags, Diagnostic{
				Span: e.span(name), Category: Duplicate,
				Message: e.what() + " " + id + " is declared already: a name is unique in its namespace, aliases included",
				Related: []Related{{other.span(name), other.where()}},
			})
			return
		}
		seen[id] = append(seen[id], e)
	}
	for _, p := range plugins {
		add(p.Name, claim{p, false})
	}
	for _, p := range plugins {
		for _, alias := range p.Aliases {
			add(alias, claim{p, true})
		}
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
