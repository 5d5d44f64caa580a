package reference

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/gen"
)

// keysOf returns the names and aliases of plugins.
func keysOf(plugins []gen.Plugin) (keys []string) {
	for _, p := range plugins {
		keys = append(append(keys, p.Name), p.Aliases...)
	}
	return keys
}

// instancePattern returns a regular expression for the names of a plugin's instances: key, which
// is its name or an alias, a slash, and any text that a name can have, with something between
// each two slashes. Of the keys of the same section those that begin with key and a slash are
// other plugins: neither they nor the names of their instances match. The pattern is "" if there
// can be no instances.
//
// The expression does without lookahead, which not all validators have.
func instancePattern(key string, keys []string) string {
	if strings.HasSuffix(key, "/") || strings.Contains(key, "//") {
		return ""
	}
	var others []string
	for _, other := range keys {
		if rest, ok := strings.CutPrefix(other, key+"/"); ok {
			others = append(others, rest)
		}
	}
	return "^" + regexp.QuoteMeta(key) + "/" + allBut(others, true) + "$"
}

// noPart are the characters that no part of a name between slashes has, in a character class.
const noPart = "/,\"'`"

const (
	part      = "[^" + noPart + "]"
	wholeName = part + "+" + "(?:/" + part + "+)*" // one part or more
	restOf    = part + "*" + "(?:/" + part + "+)*" // the rest of a part, and more
)

// allBut returns an expression that matches a name, unless it is one of others or begins with one
// of them and a slash. Its first character is at the start of a part, or within one.
func allBut(others []string, start bool) string {
	switch {
	case len(others) > 0:
	case start:
		return wholeName
	default:
		return restOf
	}
	ends := slices.Contains(others, "") // what has been matched is one of others
	byFirst := make(map[rune][]string)
	for _, s := range others {
		for _, first := range s {
			byFirst[first] = append(byFirst[first], s[len(string(first)):])
			break
		}
	}
	var alternatives []string
	class := noPart
	for _, first := range slices.Sorted(maps.Keys(byFirst)) {
		if first == '/' {
			continue
		}
		alternatives = append(alternatives, regexp.QuoteMeta(string(first))+allBut(byFirst[first], false))
		class += strings.ReplaceAll(regexp.QuoteMeta(string(first)), "-", `\-`)
	}
	alternatives = append(alternatives, "[^"+class+"]"+restOf)
	if !ends && !start {
		alternatives = append(alternatives, "/"+allBut(byFirst['/'], true))
	}
	expr := "(?:" + strings.Join(alternatives, "|") + ")"
	if !ends && !start {
		expr += "?"
	}
	return expr
}
