package annotate

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/plugingen/plugingen/internal/rules"
)

// bare reports a value where none is taken.
func (r *reader) bare(p Pair) {
	if len(p.Items) > 0 {
		r.errorf(BadValue, p.span(), "key %q takes no value here", p.Key.Text)
	}
}

// items returns the values of a pair, and reports that there is none.
func (r *reader) items(p Pair) []Word {
	if p.Items == nil {
		key, _ := keyNamed(p.Key.Text)
		r.errorf(BadValue, p.Key.Span, "key %q needs a value, as in %s=%s", key.Name, key.Name, key.Value)
	}
	return p.Items
}

// one returns the only value of a pair, and reports that there are none or several.
func (r *reader) one(p Pair) (Word, bool) {
	items := r.items(p)
	if len(items) > 1 {
		hint := ": pairs are separated by spaces"
		if key, _ := keyNamed(p.Key.Text); key.form == text {
			hint = `: quote it if it has a comma in it, as in "a, b"`
		}
		r.errorf(BadValue, p.span(), "key %q takes one value%s", p.Key.Text, hint)
	}
	if len(items) != 1 {
		return Word{}, false
	}
	return items[0], true
}

func (r *reader) text(p Pair) string {
	w, _ := r.one(p)
	return w.Text
}

func (r *reader) namespace(p Pair) string {
	w, ok := r.one(p)
	if ok && !rules.ValidNamespace(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a namespace: write dot-separated words of letters, digits, _ and -, as in my.plugins", w.Text)
		return ""
	}
	return w.Text
}

func (r *reader) name(p Pair) string {
	w, ok := r.one(p)
	if ok && !rules.ValidName(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a name: "+legalName+", as in name=my", w.Text)
		return ""
	}
	return w.Text
}

// optional returns the only value of a pair, or "true" if it is a bare key.
func (r *reader) optional(p Pair) string {
	if p.Items == nil {
		return "true"
	}
	return r.text(p)
}

// stability returns a level of stability, and reports a value that is none.
func (r *reader) stability(p Pair) string {
	w, ok := r.one(p)
	if !ok || slices.Contains(levels, w.Text) {
		return w.Text
	}
	d := r.errorf(BadValue, w.Span, "unknown stability %q: write %s", w.Text, strings.Join(levels, ", "))
	if near := nearest(w.Text, levels); near != "" {
		d.Message = fmt.Sprintf("unknown stability %q (did you mean %q?)", w.Text, near)
		d.Fix = &Fix{Message: "write " + near, Span: w.Span, New: near}
	}
	return ""
}

// plugins returns the values of a pair that name plugins, and reports those that don't.
func (r *reader) plugins(p Pair) []string {
	for _, w := range p.Items {
		if _, all := everyPlugin(w.Text); strings.Contains(w.Text, "*") && !all {
			r.errorf(BadValue, w.Span, "%s takes no globs but namespace:*, which is every plugin of a namespace: write %q, or name the plugins", p.Key.Text, everyOf(w.Text))
		}
	}
	return r.list(p, validPlugin, "is not the name of a plugin: write name, namespace:name for one of another namespace, or namespace:* for all of it")
}

// everyOf returns the namespace:* that a glob is most like.
func everyOf(glob string) string {
	namespace, _, qualified := strings.Cut(glob, ":")
	if !qualified || !rules.ValidNamespace(namespace) {
		namespace = "my.plugins"
	}
	return namespace + ":*"
}

// everyPlugin returns the namespace of namespace:*, and whether a text is that.
func everyPlugin(required string) (namespace string, ok bool) {
	namespace, ok = rules.EveryOf(required)
	return namespace, ok && rules.ValidNamespace(namespace)
}

// legalName says what a name is made of.
const legalName = "write printable text without quotes, commas, or spaces at its ends"

func validPlugin(s string) bool {
	ns, name, qualified := strings.Cut(s, ":")
	return rules.ValidName(s) && (!qualified || !rules.ValidNamespace(ns) || name != "")
}

func (r *reader) list(p Pair, valid func(string) bool, why string) []string {
	var list []string
	seen := map[string]bool{}
	for _, w := range r.items(p) {
		switch {
		case !valid(w.Text):
			r.errorf(BadValue, w.Span, "%q %s", w.Text, why)
		case seen[w.Text]:
			r.errorf(BadValue, w.Span, "%q is listed twice", w.Text)
		}
		seen[w.Text] = true
		list = append(list, w.Text)
	}
	return list
}

// integer reads a number of 32 bits, since registry.Spec has an int.
func (r *reader) integer(p Pair) int {
	w, ok := r.one(p)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(w.Text, 10, 32)
	if err != nil {
		r.errorf(BadValue, w.Span, "%q is not a whole number between -2147483648 and 2147483647", w.Text)
	}
	return int(n)
}

func identSpan(id *ast.Ident) Span { return Span{id.Pos(), id.End()} }

// snakeCase turns an identifier into a plugin's name: ConfigureHTTPServer into
// configure_http_server.
func snakeCase(id string) string {
	rs := []rune(id)
	var b strings.Builder
	for i, c := range rs {
		if i > 0 && unicode.IsUpper(c) && rs[i-1] != '_' &&
			(!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
