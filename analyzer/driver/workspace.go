package driver

import (
	"path/filepath"
	"slices"
	"strings"
)

// expandTrees has a pattern ./... take in the modules of a workspace below the directory, as
// plugingen does. The go command stops where another module begins.
func (c Config) expandTrees(patterns []string) []string {
	if !slices.ContainsFunc(patterns, isTree) {
		return patterns
	}
	out, err := c.list("-m", "-f", "{{.Dir}}").Output()
	modules := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(modules) < 2 {
		return patterns
	}
	var wide []string
	for _, p := range patterns {
		wide = append(wide, expandTree(c.Dir, p, modules)...)
	}
	return wide
}

// isTree reports whether a pattern is a directory with all below it.
func isTree(pattern string) bool {
	return strings.HasSuffix(pattern, "/...") && (strings.HasPrefix(pattern, ".") || filepath.IsAbs(pattern))
}

// expandTree returns the patterns that a pattern stands for, given the directories of the
// workspace's modules.
func expandTree(dir, pattern string, modules []string) []string {
	if !isTree(pattern) {
		return []string{pattern}
	}
	base, err := filepath.Abs(filepath.Join(dir, strings.TrimSuffix(pattern, "...")))
	if err != nil {
		return []string{pattern}
	}
	var all []string
	if slices.ContainsFunc(modules, func(m string) bool { return isBelow(base, m) }) {
		all = []string{pattern}
	}
	for _, m := range modules {
		if m != base && isBelow(m, base) {
			all = append(all, filepath.ToSlash(m)+"/...")
		}
	}
	if len(all) == 0 {
		return []string{pattern}
	}
	return all
}

// isBelow reports whether a directory is another, or below it.
func isBelow(dir, of string) bool {
	rel, err := filepath.Rel(of, dir)
	return err == nil && filepath.IsLocal(rel)
}
