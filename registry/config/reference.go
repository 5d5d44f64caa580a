package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Bounds of references.
const (
	maxReference  = 1 << 20  // bytes that one resolves to
	maxReferences = 16 << 20 // bytes that all of a configuration resolve to
	maxNested     = 10       // defaults with references in each other
)

// Resolver returns a source that resolves the references of a scheme: with the scheme
// "vault" resolve is called with "db#password" for ${vault:db#password}. It is called
// once for each reference while [Load] runs. An error that is [fs.ErrNotExist] says that
// there is nothing to refer to, so that a default is used.
//
// References are in the strings of files, of the program's values and of what is set:
//
//	${NAME}             the environment variable, which must be set
//	${NAME:-default}    the default if the variable is not set, or empty
//	${file:PATH}        what is in the file, without a line break at its end
//	${scheme:reference} what the resolver returns
//	$${                 a literal ${
//
// Each reference can have a default, which may have references in it: it ends at the first }
// that does not end one of those. Of several $ before a { half are removed; other $ stay as
// they are. Files must be regular ones of at most 1 MiB; relative paths start at the working
// directory.
//
// A result is not searched for references. If a string is a reference and nothing else,
// the result is text, which the type of the option reads: port = "${PORT}" works for an
// integer. In errors a string is shown as it is written, not as it is resolved.
//
// The schemes "env" and "file" can be replaced, for example to refuse files.
func Resolver(scheme string, resolve func(reference string) (string, error)) Source {
	return resolver{scheme, resolve}
}

type resolver struct {
	scheme  string
	resolve func(string) (string, error)
}

func (r resolver) load(l *loader) {
	if !isScheme(r.scheme) || r.resolve == nil {
		l.errs = append(l.errs, failIn(nil, 0, 0, "", fmt.Sprintf(
			"resolver %q: expected a name of lower-case letters, digits, _ and - that begins with a letter, "+
				"and a function", r.scheme)))
		return
	}
	l.resolvers[r.scheme] = r.resolve
}

// references resolves the references of a configuration.
type references struct {
	loader   *loader
	env      *tree.Environment
	resolved map[string]resolution // by scheme:reference
	size     int                   // of all results
}

type resolution struct {
	text string
	err  error
}

// A trail is the way to a value: its path is needed only if there is an error.
type trail struct {
	parent *trail
	key    string
	index  int // of a list
	isItem bool
}

func (t *trail) path() string {
	switch {
	case t == nil:
		return ""
	case t.isItem:
		return tree.IndexPath(t.parent.path(), t.index)
	}
	return tree.JoinPath(t.parent.path(), t.key)
}

// resolve resolves the references in all strings of a value.
func (r *references) resolve(n *tree.Node, at *trail) {
	switch n.Kind {
	case tree.String, tree.Text:
		if n.Raw != "" || !strings.Contains(n.Text, "${") {
			return
		}
		x := expansion{references: r, origin: n.File, source: n.Text}
		result := x.expand(0)
		if x.err != nil {
			r.loader.errs = append(r.loader.errs, causedBy(fail(n, at.path(), x.err.Error()), x.err))
			return
		}
		n.Raw, n.Text = n.Text, result
		if x.whole {
			n.Kind = tree.Text
		}
	case tree.List, tree.Table:
		for i := range n.Items {
			e := &n.Items[i]
			r.resolve(&e.Node, &trail{parent: at, key: e.Key, index: i, isItem: n.Kind == tree.List})
		}
	}
}

func causedBy(e *Error, cause error) *Error {
	e.Err = cause
	return e
}

// An expansion is that of the references in one string.
type expansion struct {
	*references
	origin *tree.Origin
	source string
	pos    int
	unused bool // what is read is a default that is not needed
	whole  bool // the string is one reference
	err    error
}

// expand returns the text from the current position on: to the end of the string,
// or, in a default, to the } that ends it.
func (x *expansion) expand(nested int) string {
	var b strings.Builder
	for x.pos < len(x.source) && x.err == nil {
		from := x.pos
		if i := strings.IndexAny(x.source[from:], "$}"); i < 0 {
			x.pos = len(x.source)
		} else {
			x.pos += i
		}
		b.WriteString(x.source[from:x.pos])
		from = x.pos
		for x.pos < len(x.source) && x.source[x.pos] == '$' {
			x.pos++
		}
		dollars := x.pos - from
		switch c, ok := x.peek(); {
		case !ok, dollars > 0 && c != '{':
			b.WriteString(x.source[from:x.pos])
		case dollars > 0:
			b.WriteString(x.source[from : from+dollars/2])
			x.pos++
			if dollars%2 == 0 {
				b.WriteByte('{')
				continue
			}
			result := x.reference(nested)
			if nested == 0 && from == 0 && dollars == 1 && x.pos == len(x.source) {
				x.whole = true
				return result
			}
			b.WriteString(result)
		case nested > 0: // at }
			return b.String()
		default:
			b.WriteByte('}')
			x.pos++
		}
	}
	return b.String()
}

func (x *expansion) peek() (byte, bool) {
	if x.pos < len(x.source) {
		return x.source[x.pos], true
	}
	return 0, false
}

func (x *expansion) fail(err error) string {
	if x.err == nil {
		x.err = err
	}
	return ""
}

// reference reads a reference after its ${, and returns what it resolves to.
func (x *expansion) reference(nested int) string {
	if nested >= maxNested {
		return x.fail(fmt.Errorf("more than %d references in each other", maxNested))
	}
	rest := x.source[x.pos:]
	end := strings.IndexByte(rest, '}')
	if end < 0 {
		return x.fail(errors.New("a reference has no }; to have ${ in the string, write $${"))
	}
	fallback := strings.Index(rest[:end], ":-")
	if fallback < 0 {
		x.pos += end + 1
		result, err := x.lookup(rest[:end])
		if err != nil {
			return x.fail(err)
		}
		return result
	}
	x.pos += fallback + len(":-")
	result, err := x.lookup(rest[:fallback])
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return x.fail(err)
	}
	outer := x.unused
	x.unused = x.unused || err == nil && result != ""
	instead := x.expand(nested + 1)
	needed := !x.unused
	x.unused = outer
	if _, ok := x.peek(); !ok {
		return x.fail(errors.New("a reference has no } after its default; to have ${ in the string, write $${"))
	}
	x.pos++
	if needed {
		return instead
	}
	return result
}

// lookup returns what NAME or scheme:reference resolves to. The error is
// fs.ErrNotExist if there is nothing.
func (x *expansion) lookup(what string) (string, error) {
	scheme, name, ok := strings.Cut(what, ":")
	if !ok {
		scheme, name = "env", what
	}
	if !isScheme(scheme) || scheme == "env" && !isVariable(name) || name == "" || strings.Contains(name, "${") {
		return "", errors.New("malformed reference; write ${NAME}, ${NAME:-default} or ${file:PATH}, " +
			"and $${ to have ${ in the string")
	}
	if x.unused {
		return "", nil
	}
	id := scheme + ":" + name
	found, ok := x.resolved[id]
	if !ok {
		found.text, found.err = x.ask(scheme, name)
		x.resolved[id] = found
	}
	if found.err != nil {
		return "", &referenceError{what, found.err}
	}
	if x.size += len(found.text); x.size > maxReferences {
		return "", fmt.Errorf("the references of the configuration resolve to more than %d MiB", maxReferences>>20)
	}
	return found.text, nil
}

// ask returns the result of a resolver.
func (x *expansion) ask(scheme, name string) (string, error) {
	result, err := "", error(nil)
	if resolve := x.loader.resolvers[scheme]; resolve != nil {
		result, err = resolve(name)
	} else {
		switch scheme {
		case "env":
			result, err = variableOf(x.env, name)
		case "file":
			x.loader.read = append(x.loader.read, name)
			result, err = fileText(name, x.origin)
		default:
			known := slices.Collect(maps.Keys(x.loader.resolvers))
			known = append(known, "env", "file")
			slices.Sort(known)
			err = fmt.Errorf("no resolver %s; there are: %s", scheme, strings.Join(slices.Compact(known), ", "))
		}
	}
	switch {
	case err != nil:
		return "", err
	case len(result) > maxReference:
		return "", fmt.Errorf("the result is larger than %d MiB", maxReference>>20)
	case !utf8.ValidString(result):
		return "", errors.New("the result is no valid UTF-8")
	}
	return result, nil
}

// A referenceError says why a reference could not be resolved.
type referenceError struct {
	reference string // NAME or scheme:reference
	err       error
}

func (e *referenceError) Error() string {
	return "reference ${" + tree.Shorten(e.reference) + "}: " + e.err.Error()
}

func (e *referenceError) Unwrap() error { return e.err }

// A missingVariable is the name of an environment variable that is not set.
type missingVariable string

func (m missingVariable) Error() string {
	return fmt.Sprintf("environment variable %s is not set; set it, or write ${%s:-default}", string(m), string(m))
}

// Is makes it [fs.ErrNotExist].
func (m missingVariable) Is(target error) bool { return target == fs.ErrNotExist }

// variableOf returns the value of a variable of an environment.
func variableOf(e *tree.Environment, name string) (string, error) {
	if v := e.Lookup(name); v != nil {
		return v.Value, nil
	}
	return "", missingVariable(name)
}

// fileText returns what is in a file, without a line break at its end.
func fileText(path string, from *tree.Origin) (string, error) {
	if from != nil && from.IsFile && sameFile(path, from.Name) {
		return "", errors.New("a file refers to itself")
	}
	data, err := readRegular(path, maxReference)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func isScheme(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
		case i > 0 && (tree.IsDigit(c) || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return s != ""
}

func isVariable(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', i > 0 && tree.IsDigit(c):
		default:
			return false
		}
	}
	return s != ""
}
