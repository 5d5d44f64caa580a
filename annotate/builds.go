package annotate

import (
	"slices"
	"strings"
)

// maxFreeTags bounds the search in Excludes: 2^12 combinations per platform.
const maxFreeTags = 12

// Excludes says whether no build can meet both constraints. When there are too
// many tags to try them all, it says no.
func (c Constraint) Excludes(d Constraint) bool {
	if len(c.terms) == 0 || len(d.terms) == 0 {
		return false
	}
	both := c.And(d)
	return !possible(both.Tags(), both.Eval)
}

// implies says whether every build that meets c meets one of ds. When there are too
// many tags to try them all, it says yes.
func (c Constraint) implies(ds []Constraint) bool {
	tags := c
	for _, d := range ds {
		if len(d.terms) == 0 || d.String() == c.String() {
			return true
		}
		tags = tags.And(d)
	}
	found, complete := search(tags.Tags(), func(ok func(string) bool) bool {
		return c.Eval(ok) && !slices.ContainsFunc(ds, func(d Constraint) bool { return d.Eval(ok) })
	})
	return !found || !complete
}

// possible says whether there may be a build of which eval is true.
func possible(tags []string, eval func(func(string) bool) bool) bool {
	found, complete := search(tags, eval)
	return found || !complete
}

// search tries the builds that differ in the tags until eval is true of one. It
// is not complete if there are too many.
func search(tags []string, eval func(func(string) bool) bool) (found, complete bool) {
	var free, machines []string
	systems := []string{""}
	for _, tag := range tags {
		switch {
		case slices.Contains(knownOS, tag) || tag == "unix":
			systems = knownOS
		case slices.Contains(knownArch, tag):
			machines = append(machines, tag)
		default:
			free = append(free, tag)
		}
	}
	if len(free) > maxFreeTags {
		return false, false
	}
	machines = append(machines, "") // any machine that is not mentioned
	for _, system := range systems {
		for _, machine := range machines {
			for set := range 1 << len(free) {
				met := agree(free, set) && eval(func(tag string) bool {
					if i := slices.Index(free, tag); i >= 0 {
						return set&(1<<i) != 0
					}
					return tag == machine || systemTag(system, tag)
				})
				if met {
					return true, true
				}
			}
		}
	}
	return false, true
}

// agree refuses the sets of tags that no build has: those with both compilers, or
// with neither, and those in which a later Go release is there and an earlier one is
// not: a tag go1.N is met by every release from 1.N on.
func agree(free []string, set int) bool {
	has := func(i int) bool { return set&(1<<i) != 0 }
	gc, gccgo := slices.Index(free, "gc"), slices.Index(free, "gccgo")
	if gc >= 0 && gccgo >= 0 && has(gc) == has(gccgo) {
		return false
	}
	for i, later := range free {
		for j, earlier := range free {
			a, ok1 := release(later)
			b, ok2 := release(earlier)
			if ok1 && ok2 && b < a && has(i) && !has(j) {
				return false
			}
		}
	}
	return true
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
