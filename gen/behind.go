package gen

import (
	"fmt"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
)

// fallBehind notes of hosts that keep their files, for a mistake, that those no longer
// compile: they link what the plan removes elsewhere. It would be hard to understand
// from what the compiler says.
func (p *Plan) fallBehind() {
	var gone map[string]bool
	for _, t := range p.trees {
		for _, q := range t.planned() {
			if len(q.Hosts) == 0 || !q.broken() {
				continue
			}
			if gone == nil {
				gone = p.removed()
			}
			if link, file := firstOf(gone, q); link != "" {
				q.held = append(q.held, annotate.Diagnostic{Span: q.Hosts[0].Directive, Category: annotate.Linking, Message: fmt.Sprintf(
					"until this host is written again, it does not compile: %s links %s, which is gone", file, link)})
			}
		}
	}
}

// removed returns the specs that the plan removes, as generated files refer to them.
func (p *Plan) removed() map[string]bool {
	gone := map[string]bool{}
	for _, c := range p.Changes {
		path := p.ImportPath(c.Path)
		for _, s := range specsIn(c.Old) {
			gone[path+"."+s.Identifier] = true
		}
	}
	for _, c := range p.Changes { // it may be in another file now
		path := p.ImportPath(c.Path)
		for _, s := range specsIn(c.New) {
			delete(gone, path+"."+s.Identifier)
		}
	}
	return gone
}

// specsIn returns the specs of a generated file, none of one that is damaged: it compiles
// as little as what refers to it.
func specsIn(src []byte) []genfile.Spec {
	f, err := genfile.Read("", src)
	if err != nil {
		return nil
	}
	return f.Specs
}

// firstOf returns the first of some specs that a host's generated files link, and which
// of the files does.
func firstOf(specs map[string]bool, host *pkg) (link, file string) {
	for _, g := range host.folder.Generated {
		f, err := genfile.Read(g.Name, g.Src)
		if err != nil {
			continue
		}
		for _, link := range f.Links {
			if specs[link] {
				return link, g.Name
			}
		}
	}
	return "", ""
}
