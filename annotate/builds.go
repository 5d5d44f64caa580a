package annotate

import (
	"go/build/constraint"
	"slices"
	"strings"
)

// maxLookups bounds how often a search looks at a tag, which takes a millisecond or so.
// Constraints that people write need a few thousand of these.
const maxLookups = 1 << 17

// Excludes reports whether no build can meet both constraints. It returns false if that
// takes too long to find out: two plugins of one name are then reported as duplicates, though
// no build may have both, rather than linked into one program.
func (c Constraint) Excludes(d Constraint) bool {
	if len(c.terms) == 0 || len(d.terms) == 0 {
		return false
	}
	met, complete := search(c.And(d).terms)
	return !met && complete
}

// implies reports whether every build that meets c meets one of ds. It returns true if that
// takes too long to find out: what is missing in some build is then for the compiler to report.
func (c Constraint) implies(ds []Constraint) bool {
	terms := slices.Clone(c.terms)
	for _, d := range ds {
		if len(d.terms) == 0 || d.String() == c.String() {
			return true
		}
		terms = append(terms, &constraint.NotExpr{X: d.expr()})
	}
	met, complete := search(terms)
	return !met || !complete
}

// AndNot returns the constraint that is met when c is and d is not, and whether there may be
// a build that meets it.
func (c Constraint) AndNot(d Constraint) (rest Constraint, ok bool) {
	var more Constraint // what d demands beyond c
	for _, term := range d.terms {
		if !slices.ContainsFunc(c.terms, func(e constraint.Expr) bool { return e.String() == term.String() }) {
			more.terms = append(more.terms, term)
		}
	}
	if len(more.terms) == 0 {
		return c, false
	}
	rest = c.and(&constraint.NotExpr{X: more.expr()})
	met, complete := search(rest.terms)
	return rest, met || !complete
}

// search reports whether there may be a build that meets all terms. If complete is false,
// it has given up before it knew.
func search(terms []constraint.Expr) (met, complete bool) {
	s := &solver{free: map[string]answer{}}
	seen := map[string]bool{}
	for _, term := range terms {
		walkTags(term, seen)
	}
	systems, machines := []string{""}, []string{""} // "" is any that is not mentioned
	for tag := range seen {
		switch {
		case slices.Contains(knownOS, tag) || tag == "unix":
			systems = knownOS
		case slices.Contains(knownArch, tag):
			machines = append(machines, tag)
		default:
			s.free[tag] = unknown
		}
	}
	s.terms = append(slices.Clone(terms), s.everyBuild()...)
	// What has few tags decides most, and leaves less to try.
	slices.SortStableFunc(s.terms, func(a, b constraint.Expr) int { return size(a) - size(b) })
	slices.Sort(machines)
	for _, s.system = range systems {
		for _, s.machine = range machines {
			if s.met() {
				return true, true
			}
			if s.lookups > maxLookups {
				return false, false
			}
		}
	}
	return false, true
}

// A solver looks for a build that meets all terms.
type solver struct {
	terms           []constraint.Expr
	system, machine string
	free            map[string]answer // the other tags
	open            string            // an unknown tag that was looked at, "" if none was
	lookups         int
}

// met reports whether the free tags that are unknown can be set so that all terms are met.
func (s *solver) met() bool {
	if s.lookups > maxLookups {
		return false
	}
	s.open = ""
	for _, term := range s.terms {
		switch s.eval(term) {
		case no:
			return false
		case unknown:
			return s.branch(s.open)
		}
	}
	return true
}

// branch tries both values of a tag.
func (s *solver) branch(tag string) bool {
	for _, value := range []answer{yes, no} {
		s.free[tag] = value
		if s.met() {
			return true
		}
	}
	s.free[tag] = unknown
	return false
}

func (s *solver) eval(expr constraint.Expr) answer {
	switch e := expr.(type) {
	case *constraint.TagExpr:
		return s.tag(e.Tag)
	case *constraint.NotExpr:
		return not(s.eval(e.X))
	case *constraint.AndExpr:
		x := s.eval(e.X)
		if x == no {
			return no
		}
		return both(x, s.eval(e.Y))
	case *constraint.OrExpr:
		x := s.eval(e.X)
		if x == yes {
			return yes
		}
		return not(both(not(x), not(s.eval(e.Y))))
	}
	return unknown
}

// both returns whether x and y are, by what is known.
func both(x, y answer) answer {
	switch {
	case x == no || y == no:
		return no
	case x == unknown || y == unknown:
		return unknown
	}
	return yes
}

func not(x answer) answer {
	switch x {
	case no:
		return yes
	case yes:
		return no
	}
	return unknown
}

func (s *solver) tag(tag string) answer {
	s.lookups++
	value, free := s.free[tag]
	switch {
	case !free:
		return toAnswer(tag == s.machine || systemTag(s.system, tag))
	case value == unknown:
		s.open = tag
	}
	return value
}

// everyBuild returns what is true of the tags in every build: one of the two compilers made
// it, and a tag go1.N is met by every release from 1.N on.
func (s *solver) everyBuild() []constraint.Expr {
	var terms []constraint.Expr
	gc, gccgo := &constraint.TagExpr{Tag: "gc"}, &constraint.TagExpr{Tag: "gccgo"}
	if _, ok := s.free[gc.Tag]; ok {
		if _, ok := s.free[gccgo.Tag]; ok {
			terms = append(terms, &constraint.OrExpr{X: gc, Y: gccgo},
				&constraint.NotExpr{X: &constraint.AndExpr{X: gc, Y: gccgo}})
		}
	}
	var releases []string
	for tag := range s.free {
		if _, ok := release(tag); ok {
			releases = append(releases, tag)
		}
	}
	slices.SortFunc(releases, func(a, b string) int {
		x, _ := release(a)
		y, _ := release(b)
		return x - y
	})
	for i := 1; i < len(releases); i++ {
		terms = append(terms, &constraint.OrExpr{
			X: &constraint.TagExpr{Tag: releases[i-1]}, Y: &constraint.NotExpr{X: &constraint.TagExpr{Tag: releases[i]}},
		})
	}
	return terms
}

func release(tag string) (minor int, ok bool) {
	digits, ok := strings.CutPrefix(tag, "go1.")
	for _, r := range digits {
		if r < '0' || r > '9' || minor > 1<<20 {
			return 0, false
		}
		minor = 10*minor + int(r-'0')
	}
	return minor, ok && digits != ""
}

// systemTag says whether tag is met when building for the system, by the rules
// of "go help buildconstraint".
func systemTag(system, tag string) bool {
	switch tag {
	case system:
		return true
	case "unix":
		return slices.Contains(unixOS, system)
	case "linux":
		return system == "android"
	case "solaris":
		return system == "illumos"
	case "darwin":
		return system == "ios"
	}
	return false
}

// The systems and machines that a file's name can mention: past, present and
// future ones known to the go command (internal/syslist in its source).
var (
	knownOS = []string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux",
		"nacl", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
	}
	unixOS = []string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "linux",
		"netbsd", "openbsd", "solaris",
	}
	knownArch = []string{
		"386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle",
		"mips64", "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv",
		"riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
	}
)
