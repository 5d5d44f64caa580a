package builds

import (
	"go/build/constraint"
	"slices"
	"strings"
)

// maxLookups bounds how many tags a search looks up, so that it takes a few
// milliseconds at most. Constraints that people write take a few thousand lookups.
const maxLookups = 1 << 17

// An answer is what is known of a condition.
type answer int

const (
	no answer = iota
	yes
	unknown
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// Excludes reports whether no build can meet both constraints. It returns false if a
// search would take too long: then two plugins of one name are reported as duplicates
// though there may be no build with both, which is better than linking both.
func (c Constraint) Excludes(d Constraint) bool {
	if len(c.terms) == 0 || len(d.terms) == 0 {
		return false
	}
	met, complete := search(c.And(d).terms)
	return !met && complete
}

// Implies reports whether every build that meets c meets at least one of ds. It returns
// true if a search would take too long: then the compiler reports what is missing in
// some build.
func (c Constraint) Implies(ds []Constraint) bool {
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

// AndNot returns the constraint of builds that meet c and not d. ok is false if there is
// no such build; it is true if a search would take too long.
func (c Constraint) AndNot(d Constraint) (rest Constraint, ok bool) {
	var more Constraint // the terms of d that c does not have
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

// search reports whether a build meets all terms. If complete is false, it has given up
// and met means nothing.
func search(terms []constraint.Expr) (met, complete bool) {
	s := &solver{free: map[string]answer{}}
	seen := map[string]bool{}
	for _, term := range terms {
		addTags(term, seen)
	}
	systems, machines := []string{""}, []string{""} // "" stands for all that the terms do not mention
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
	// Terms of few tags first: they decide most, and leave fewer values to try.
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

// A solver looks for a build that meets all terms: for each system and machine, it
// tries the values of the other tags.
type solver struct {
	terms           []constraint.Expr
	system, machine string
	free            map[string]answer // the other tags
	open            string            // the unknown tag that was looked up last, or ""
	lookups         int
}

// met reports whether the unknown tags have values with which all terms are true.
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

// branch reports the same of terms that depend on the tag, by trying both its values.
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

// eval returns the value of an expression, as far as it follows from the tags set so far.
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

// both returns the value of x && y.
func both(x, y answer) answer {
	switch {
	case x == no || y == no:
		return no
	case x == unknown || y == unknown:
		return unknown
	}
	return yes
}

// not returns the value of !x.
func not(x answer) answer {
	switch x {
	case no:
		return yes
	case yes:
		return no
	}
	return unknown
}

// tag returns the value of a tag.
func (s *solver) tag(tag string) answer {
	s.lookups++
	value, free := s.free[tag]
	switch {
	case !free:
		return answerOf(tag == s.machine || systemTag(s.system, tag))
	case value == unknown:
		s.open = tag
	}
	return value
}

// everyBuild returns what every build meets: it is made by one of two compilers, and a
// release of Go meets the tags go1.N of all releases before it.
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
			X: &constraint.TagExpr{Tag: releases[i-1]},
			Y: &constraint.NotExpr{X: &constraint.TagExpr{Tag: releases[i]}},
		})
	}
	return terms
}

// release returns the N of a tag go1.N.
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

// systemTag reports whether builds for the system meet the tag, by the rules of
// "go help buildconstraint".
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

// The values of GOOS and GOARCH that the go command recognises in a file's name: past,
// present and future ones (internal/syslist in its source).
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
