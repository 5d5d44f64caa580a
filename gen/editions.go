package gen

import (
	"cmp"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
)

// A package can have several //plugin:link directives in files of different builds, as
// for the editions of a product. A build links what all those say that it compiles.

// hostsInOrder returns the hosts of a package, those of more builds first: what they link
// is there for the others to require.
func (p *pkg) hostsInOrder() []*annotate.Host {
	hosts := slices.Clone(p.Hosts)
	slices.SortStableFunc(hosts, func(a, b *annotate.Host) int {
		return cmp.Compare(len(a.File.Constraint.String()), len(b.File.Constraint.String()))
	})
	return hosts
}

// notYetLinked returns the plugins of a host that the package's hosts before it do not link,
// each for the builds that have both plugin and host, and in which they don't.
func (p *pkg) notYetLinked(h *annotate.Host, linked []*linkable) []*linkable {
	if len(p.Hosts) == 1 && h.File.Constraint.String() == "" {
		return linked
	}
	before := map[string][]builds.Constraint{}
	for _, l := range p.links {
		before[l.spec()] = append(before[l.spec()], l.build)
	}
	var left []*linkable
	for _, l := range linked {
		build, some := l.build.And(h.File.Constraint), !l.build.Excludes(h.File.Constraint)
		for _, other := range before[l.spec()] {
			if some && !build.Excludes(other) {
				build, some = build.AndNot(other)
			}
		}
		if some {
			only := *l
			only.build = build
			left = append(left, &only)
		}
	}
	return left
}

// spec returns what the plugin's spec is called in any package.
func (l *linkable) spec() string { return l.path + "." + l.Identifier }
