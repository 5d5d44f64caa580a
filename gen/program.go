package gen

import "github.com/plugingen/plugingen/internal/options"

// A Program is what can be configured of what a host links.
type Program struct {
	Host     string    // import path
	Sections []Section // by path

	// Nested are the namespaces whose plugins are configured where an option of another
	// plugin takes one; they may be among Sections, too.
	Nested []Section
}

// Plugins returns the plugins of a namespace that are linked.
func (p *Program) Plugins(namespace string) []Plugin {
	for _, sections := range [][]Section{p.Sections, p.Nested} {
		for _, s := range sections {
			if s.Namespace == namespace && namespace != "" {
				return s.Plugins
			}
		}
	}
	return nil
}

// A Section is a table of the configuration: that of a namespace, with a table for each of
// its plugins, or that of a struct of the host.
type Section struct {
	Path      string // "services", or "agent.inputs" for a table in a table
	Namespace string // whose plugins are configured in it, or ""
	Contract  string // the namespace's contract as Go names it, "path.Type", if it is known
	Doc       string
	Plugins   []Plugin        // of the namespace, by name
	Options   *options.Struct // of a section without namespace
}

// Program returns what can be configured of what a host links.
func (p *Plan) Program(h Host) (*Program, error) { return nil, nil }
