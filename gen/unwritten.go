package gen

import (
	"fmt"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
)

// unwritten returns the plugins that another module declares and that a package may
// import, for a module without any generated file: plugingen was never run in it, or what
// it wrote is not committed. Without the module's own imports not all may be known of each.
func (t *tree) unwritten(p *pkg, dep *modules.Module, match func(string) bool) ([]*linkable, error) {
	other := newTree(&modules.Main{Module: *dep})
	other.plan, other.offline = t.plan, true
	folders, err := other.scan.All(dep.Dir)
	if err != nil {
		return nil, err
	}
	var found []*linkable
	for _, q := range other.parse(folders) {
		if q.Name == "main" || !match(q.Path) || !t.main.IsProvider(dep, q.Path) || !rules.CanImport(p.Path, q.Path) {
			continue
		}
		q.Resolve(nil)
		for _, l := range other.plugins(q) {
			l.unwritten = dep.Path
			found = append(found, l)
		}
	}
	return found, nil
}

// unwrittenAt returns what a package of another module declares that has no generated file,
// nil if it declares nothing.
func (t *tree) unwrittenAt(dep *modules.Module, path string) *annotate.Package {
	other := newTree(&modules.Main{Module: *dep})
	other.plan, other.offline = t.plan, true
	folder, err := other.scan.One(dep.Folder(path))
	if err != nil || len(folder.Marked) == 0 {
		return nil
	}
	p := other.parse([]*scan.Folder{folder})[0]
	p.Resolve(nil)
	return p.Package.Package
}

// checkWritten reports modules that have plugins to link but no generated files.
func checkWritten(p *pkg, h *annotate.Host, linked []*linkable) {
	reported := map[string]bool{}
	for _, l := range linked {
		if l.unwritten == "" || reported[l.unwritten] {
			continue
		}
		reported[l.unwritten] = true
		p.report(annotate.Diagnostic{
			Span: h.Directive, Category: annotate.Linking,
			Message: fmt.Sprintf("the module %s declares plugins that this host would link, but has no generated files: "+
				"run plugingen in that module and commit what it writes, or leave its plugins out with exclude= or packages=", l.unwritten),
			Related: []annotate.Related{{Span: l.decl.Decl, Message: l.id() + " is declared here"}},
		})
	}
}
