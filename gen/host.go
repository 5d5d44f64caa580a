package gen

import "github.com/plugingen/plugingen/annotate"

// A Host is a package that was asked for and links plugins.
type Host struct {
	*annotate.Host
	Path   string // the import path
	Dir    string
	Module string // the path of its module
	Root   string // the folder of its module
}

// Hosts returns the hosts that were asked for, by path. A package has several if it links in
// different ways in different builds.
func (p *Plan) Hosts() []Host {
	var hosts []Host
	p.eachHost(func(t *tree, q *pkg, h *annotate.Host) {
		hosts = append(hosts, Host{h, q.Path, q.folder.Dir, t.main.Path, t.main.Dir})
	})
	return hosts
}

func (p *Plan) eachHost(do func(*tree, *pkg, *annotate.Host)) {
	for _, t := range p.trees {
		for _, q := range t.asked() {
			for _, h := range q.Hosts {
				do(t, q, h)
			}
		}
	}
}
