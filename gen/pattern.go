package gen

import (
	"path"
	"regexp"
	"strings"

	"github.com/plugingen/plugingen/gen/modules"
)

// related says whether a module can have packages that match the pattern.
func related(pattern, modulePath string) bool {
	fixed, _, wild := strings.Cut(pattern, "...")
	if !wild {
		return modules.Has(modulePath, pattern)
	}
	return strings.HasPrefix(modulePath+"/", fixed) || strings.HasPrefix(fixed, modulePath+"/")
}

// matchPattern returns a function that says whether a path matches a pattern of the
// go command's: "..." stands for any text, and a final "/..." also for none ("go help
// packages").
func matchPattern(pattern string) func(string) bool {
	expr := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	if below, ok := strings.CutSuffix(expr, `/.*`); ok {
		expr = below + `(/.*)?`
	}
	return regexp.MustCompile(`^` + expr + `$`).MatchString
}

// A glob is a pattern for namespaces or for plugins, in which * stands for any text.
type glob string

// matches says whether the glob matches the namespace, or the namespace with the name.
func (g glob) matches(namespace, name string) bool {
	for _, s := range []string{namespace, namespace + ":" + name} {
		// A slash can only be in a name, where it is nothing special.
		if ok, _ := path.Match(strings.ReplaceAll(string(g), "/", "\x00"), strings.ReplaceAll(s, "/", "\x00")); ok {
			return true
		}
	}
	return false
}

// err says why the glob is not one.
func (g glob) err() error {
	_, err := path.Match(string(g), "")
	return err
}

// canImport says whether a package may import another, by the rule for internal
// folders ("go help packages").
func canImport(importer, imported string) bool {
	elems := strings.Split(imported, "/")
	for i, e := range elems {
		if parent := strings.Join(elems[:i], "/"); e == "internal" && parent != "" && !modules.Has(parent, importer) {
			return false
		}
	}
	return true
}
