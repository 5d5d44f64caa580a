package gen

import (
	"fmt"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
)

// checkImportPath returns why no program can have the package of an import path: the go
// command refuses those with characters that some system or shell can't have in a name.
func checkImportPath(path string) error {
	if _, err := code.ParseImportPath(path); err != nil {
		return err
	}
	last := path[strings.LastIndex(path, "/")+1:]
	if c := last[0]; c == '-' || c == '+' || c == '~' { // of those that an import path may have
		return fmt.Errorf("invalid directory name %q", last)
	}
	return nil
}

// checkDir reports a package whose directory keeps the go command from building it.
func (t *tree) checkDir(p *pkg) {
	if !p.declares() {
		return
	}
	if err := checkImportPath(p.Path); err != nil {
		p.errorf(annotate.Linking, p.first(), "no program can import this package, and no host links its plugins: %v; "+
			"rename the directory, or have the go command ignore it by an ignore directive in go.mod", err)
	}
}

// first returns the place of what the package declares first, to point at.
func (p *pkg) first() annotate.Span {
	switch {
	case len(p.Plugins) > 0:
		return p.Plugins[0].Directive
	case len(p.Hosts) > 0:
		return p.Hosts[0].Directive
	case len(p.Contracts) > 0:
		return p.Contracts[0].Directive
	case len(p.Files) > 0:
		id := p.Files[0].Syntax.Name
		return annotate.Span{Pos: id.Pos(), End: id.End()}
	}
	return annotate.Span{}
}

// checkCollisions reports packages of which the go command builds no program that has both,
// since file systems may take them for one.
func checkCollisions(p *pkg, h *annotate.Host, linked []*linkable) {
	paths := map[string]string{strings.ToLower(p.Path): p.Path}
	reported := map[string]bool{}
	for _, l := range linked {
		lower := strings.ToLower(l.path)
		other, ok := paths[lower]
		if !ok {
			paths[lower] = l.path
			continue
		}
		if other != l.path && !reported[l.path] {
			reported[l.path] = true
			p.errorf(annotate.Linking, h.Directive, "this host links plugins of %s and of %s, which the go command refuses "+
				"(case-insensitive import collision): rename one of the directories, or leave one out with exclude= or packages=", other, l.path)
		}
	}
}
