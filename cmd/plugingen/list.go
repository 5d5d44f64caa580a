package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/reference"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/terminal"
)

// listCommand returns the command that shows plugins.
func listCommand() *command {
	l := &listing{}
	return &command{
		name: "list", args: "[flags] [packages]", run: l.run, flags: l.flags, complete: completeList,
		short: "show the plugins, and which host links them",
		long: `List shows the plugins that the packages declare. If a host is among the packages, it
shows all that the host could link, and for those that it does not link, why not.
No generated file is needed.`,
		examples: []example{
			{"list ./...", "all plugins of the module"},
			{"list -only=my.services ./...", "those of a namespace"},
			{"list -json ./... | jq -r .[].name", "for other programs"},
		},
	}
}

// completeList offers the plugins of -only.
func completeList(l *line, kind string, _ []string) {
	if kind == "plugins" {
		l.skipList()
		l.plugins(true)
	}
}

// A listing is the flags of list.
type listing struct {
	json    bool   // -json
	options bool   // -options
	only    string // -only
}

func (l *listing) flags(c *invocation, flags *flag.FlagSet) {
	verboseFlag(c, flags)
	flags.BoolVar(&l.json, "json", false, "print JSON")
	flags.BoolVar(&l.options, "options", false, "show the options of each plugin, too")
	flags.StringVar(&l.only, "only", "",
		"show only these `plugins`: globs of namespaces or of namespace:name, or\n"+
			"import path patterns, separated by commas")
}

func (l *listing) run(c *invocation) int {
	plan, err := c.plan(gen.Config{})
	if err != nil {
		return c.fail(err)
	}
	plugins, err := plan.List()
	if err != nil {
		return c.fail(err)
	}
	if plugins, err = l.selected(c, plugins); err != nil {
		return c.fail(err)
	}
	for i := range plugins {
		if plugins[i].File != "" {
			plugins[i].File = terminal.Path(plugins[i].File)
		}
		if filepath.IsAbs(plugins[i].Replace) {
			plugins[i].Replace = terminal.Path(plugins[i].Replace)
		}
	}
	switch {
	case l.json && l.options:
		err = printJSON(c.out, reference.PluginPages(plugins))
	case l.json:
		err = printJSON(c.out, plugins)
	default:
		err = l.printTable(c, plan, plugins)
	}
	if err != nil {
		return c.fail(err)
	}
	_, _ = c.err.Write(c.text(plan))
	if err := plan.MissingModules(); err != nil {
		fmt.Fprintf(c.err, "plugingen: some modules could not be read, so the list lacks their plugins, if "+
			"they have any: %s\n",
			terminal.Line(err.Error()))
	}
	if len(plan.Diagnostics) > 0 {
		return sourceErrors
	}
	return done
}

// selected returns the plugins that -only selects, all without the flag.
func (l *listing) selected(c *invocation, plugins []gen.Plugin) (selected []gen.Plugin, err error) {
	if l.only == "" {
		return plugins, nil
	}
	var known []rules.Plugin
	for _, p := range plugins {
		known = append(known, rules.Plugin{Package: p.Package, Namespace: p.Namespace, Name: p.Name})
	}
	var selectors []rules.Selector
	for word := range strings.SplitSeq(l.only, ",") {
		s := rules.Selector(strings.TrimSpace(word))
		if err := s.Check(); err != nil {
			return nil, fmt.Errorf("-only=%s: %w", word, err)
		}
		if !slices.ContainsFunc(known, s.Match) {
			return nil, fmt.Errorf("-only: no plugin of %s matches %q%s", strings.Join(c.patterns(), " "), s,
				rules.DidYouMean(rules.Corrections(known)(s)))
		}
		selectors = append(selectors, s)
	}
	for i, p := range plugins {
		if slices.ContainsFunc(selectors, func(s rules.Selector) bool { return s.Match(known[i]) }) {
			selected = append(selected, p)
		}
	}
	return selected, nil
}

func printJSON[T any](w io.Writer, plugins []T) error {
	if plugins == nil {
		plugins = []T{} // not null
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(plugins)
}

// hostPaths returns the import paths of the hosts.
func hostPaths(plan *gen.Plan) []string {
	var paths []string
	for _, h := range plan.Hosts() {
		paths = append(paths, h.Path)
	}
	return slices.Compact(paths)
}

// printTable prints one line for each plugin, with -options one for each of its options
// below it, and then why hosts do not link some. Which host links a plugin is left out if the
// hosts of its module were not requested.
func (l *listing) printTable(c *invocation, plan *gen.Plan, plugins []gen.Plugin) error {
	hosts := hostPaths(plan)
	var hostless []string
	if len(hosts) == 0 {
		var err error
		if hostless, err = plan.Hostless(); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, p := range plugins {
		columns := []string{p.Namespace + ":" + p.Name, p.Kind, p.Package + "." + p.Symbol, position(p)}
		if len(hosts) > 0 || slices.Contains(hostless, p.Module) {
			columns = append(columns, linked(p, len(hosts)))
		}
		columns = append(columns, description(p))
		for i := range columns {
			columns[i] = terminal.Line(columns[i])
		}
		fmt.Fprintln(w, strings.Join(columns, "\t"))
		if l.options {
			printOptions(w, p)
		}
	}
	for _, host := range hosts {
		printOmissions(w, host, plugins)
	}
	if len(hostless) > 0 && len(plugins) > 0 {
		fmt.Fprintf(w, "\nNo //plugin:link in %s: a program that is to have these plugins needs one in its "+
			"package main\n",
			terminal.Line(strings.Join(hostless, ", ")))
	}
	w.Flush()
	for line := range bytes.Lines(b.Bytes()) {
		if _, err := fmt.Fprintf(c.out, "%s\n", bytes.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// printOptions prints the options of a plugin, in columns of their own.
func printOptions(w io.Writer, p gen.Plugin) {
	for _, row := range reference.Rows(p.Options) {
		columns := []string{"", row.Name, row.Type, row.Summary(), row.Doc}
		for i := range columns {
			columns[i] = terminal.Line(strings.Join(strings.Fields(columns[i]), " "))
		}
		fmt.Fprintf(w, "    %s\n", strings.Join(columns[1:], "\t"))
	}
}

func position(p gen.Plugin) string {
	if p.File != "" {
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	at := p.Module // of which only generated files are read
	if p.Version != "" {
		at += "@" + p.Version
	}
	if p.Replace != "" {
		at += " => " + p.Replace
	}
	return at
}

// linked returns which hosts link a plugin, without their names if all do.
func linked(p gen.Plugin, hosts int) string {
	switch {
	case len(p.LinkedBy) == 0:
		return "not linked"
	case len(p.LinkedBy) < hosts:
		return "linked by " + strings.Join(p.LinkedBy, ", ")
	}
	return "linked"
}

// description returns the build constraint of a plugin, how mature it is, and its doc.
func description(p gen.Plugin) string {
	var parts []string
	if p.Build != "" {
		parts = append(parts, "["+p.Build+"]")
	}
	if state := maturity(p); state != "" {
		parts = append(parts, "("+state+")")
	}
	if p.Doc != "" {
		parts = append(parts, p.Doc)
	}
	return strings.Join(parts, " ")
}

// maturity returns the stability of a plugin and what is known of its deprecation, as
// in "beta; deprecated since v1.4, to be removed in v2.0: use b".
func maturity(p gen.Plugin) string {
	var parts []string
	if p.Stability != "" && p.Stability != "deprecated" {
		parts = append(parts, p.Stability)
	}
	if text := p.Deprecation(); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func printOmissions(w io.Writer, host string, plugins []gen.Plugin) {
	title := fmt.Sprintf("\nNot linked by %s:\n", terminal.Line(host))
	for _, p := range plugins {
		for _, o := range p.LeftOut {
			if o.Host == host {
				fmt.Fprintf(w, "%s%s\t%s\n", title, terminal.Line(p.Namespace+":"+p.Name), terminal.Line(o.Why))
				title = ""
			}
		}
	}
}
