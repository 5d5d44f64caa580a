package rules

import (
	"cmp"
	"go/ast"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// SnakeCase turns an identifier into the name of a plugin or an option: ConfigureHTTPServer into
// configure_http_server.
func SnakeCase(id string) string {
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

// DefaultSection returns where the configuration of a program has the plugins of a namespace
// whose contract does not say: in a section called as the namespace's last word.
func DefaultSection(namespace string) string { return LastWord(namespace) }

// SectionOf returns where the configuration of a program has the plugins of a namespace, whose
// contract says section, or "".
func SectionOf(section, namespace string) string { return cmp.Or(section, DefaultSection(namespace)) }

// LastWord returns the last of the words that a namespace consists of.
func LastWord(namespace string) string {
	return namespace[strings.LastIndexByte(namespace, '.')+1:]
}

// WithoutDeprecated splits the text of a comment into the paragraphs that do not begin
// with "Deprecated: ", and what the first of the others says, in one line.
func WithoutDeprecated(comment string) (text, deprecated string) {
	if !strings.Contains(comment, "Deprecated: ") {
		return comment, ""
	}
	var rest []string
	for paragraph := range strings.SplitSeq(comment, "\n\n") {
		if why, ok := strings.CutPrefix(paragraph, "Deprecated: "); ok {
			deprecated = cmp.Or(deprecated, strings.Join(strings.Fields(why), " "))
			continue
		}
		rest = append(rest, paragraph)
	}
	return strings.Join(rest, "\n\n"), deprecated
}

// TagValue returns what a struct tag, which may be nil, has under a key, "" if nothing.
func TagValue(lit *ast.BasicLit, key string) string {
	value, _ := LookupTag(lit, key)
	return value
}

// LookupTag returns what a struct tag, which may be nil, has under a key, and whether it has
// the key.
func LookupTag(lit *ast.BasicLit, key string) (string, bool) {
	if lit == nil || !strings.Contains(lit.Value, key+":") {
		return "", false
	}
	tag, err := unquote(lit.Value)
	if err != nil {
		return "", false
	}
	return tag.Lookup(key)
}

// unquote returns the struct tag that a literal denotes.
func unquote(lit string) (reflect.StructTag, error) {
	tag, err := strconv.Unquote(lit)
	return reflect.StructTag(tag), err
}
