package options

import (
	"encoding/json"
	"fmt"
	"go/constant"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// keys sets the documentation and the keys of an option, whose name and type are set already, from
// the comments and the tag of its field. It reports whether there is no error in them.
func (r *reader) keys(o *Option, f field, s *scope) bool {
	k := keyReader{reader: r, Option: o, tag: f.tag, in: s.pkg}
	before := len(r.Diagnostics)
	text := f.Doc.Text()
	if text == "" {
		text = f.Comment.Text()
	}
	o.Doc, o.Deprecated = rules.WithoutDeprecated(strings.TrimSpace(text))
	o.Doc = strings.TrimSpace(o.Doc)
	if f.tag == nil {
		if !IsPrintableName(o.Name) { // of a library's tag
			r.errorf(s.pkg, annotate.BadValue, f.span, "field %s can't be an option: its tag calls it %q, which is "+
				"not printable text of at most %d bytes", f.id, o.Name, maxName)
		}
		return len(r.Diagnostics) == before
	}
	if !isPathElement(o.Name) && !f.tag.Broken {
		k.errorf("option", "%q is not the name of an option: write letters, digits, _ and -, as in "+
			"option=addr", o.Name)
	}
	k.set()
	if !f.tag.Broken && len(r.Diagnostics) == before {
		k.check()
	}
	return !f.tag.Broken && len(r.Diagnostics) == before
}

// IsPrintableName reports whether s can name an option, by whichever tag: printable text that is
// not too long.
func IsPrintableName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s,
		func(c rune) bool { return c == unicode.ReplacementChar || !unicode.IsPrint(c) })
}

// maxName is far above what people write.
const maxName = 500

// isPathElement reports whether the keys option and aliases may have a name: it must be usable in
// a path, as in tls.cert_file.
func isPathElement(s string) bool {
	return IsPrintableName(s) && !strings.ContainsAny(s, " .=[]\"'`")
}

// keysOfSquashed reports keys on an embedded struct whose options are those of the struct that
// embeds it, where only option has a meaning.
func (r *reader) keysOfSquashed(f field, s *scope) {
	for _, p := range f.tag.Pairs {
		if p.Key.Text != "option" {
			r.errorf(s.pkg, annotate.Placement, p.Span, "key %q is not allowed on an embedded struct, "+
				"whose options are many: "+
				"write it on its fields, or give the struct a name, as in "+
				"option=%s", p.Key.Text, rules.SnakeCase(f.id))
		}
	}
}

// A keyReader reads the keys of one option.
type keyReader struct {
	*reader
	*Option
	tag *annotate.OptionTag
	in  *source.Package
}

// errorf reports an error in the value of a key.
func (k *keyReader) errorf(key, format string, args ...any) *annotate.Diagnostic {
	span := k.tag.Span
	if p := k.tag.Get(key); p != nil {
		span = p.Span
	}
	return k.reader.errorf(k.in, annotate.BadValue, span, "option %s: "+format, append([]any{k.Name}, args...)...)
}

// textsOf returns the values of a key as text.
func textsOf(p *annotate.Pair) []string {
	var all []string
	for _, w := range p.Values {
		all = append(all, w.Text)
	}
	return all
}

// set sets the fields of the option.
func (k *keyReader) set() {
	for i := range k.tag.Pairs {
		p := &k.tag.Pairs[i]
		values := textsOf(p)
		switch p.Key.Text {
		case "default":
			k.Default, k.HasDefault = joined(k.Type, values), p.Values != nil
		case "example":
			k.Example = joined(k.Type, values)
		case "doc":
			k.Doc = strings.Join(values, ",")
		case "type_key":
			k.setTypeKey(strings.Join(values, ","))
		default:
			k.setProperty(p.Key.Text, values)
		}
	}
}

// setProperty sets the property that has the key, if there is one.
func (k *keyReader) setProperty(key string, values []string) {
	for property := range k.Properties.All() {
		if property.Key != key {
			continue
		}
		switch value := property.Value.(type) {
		case *bool:
			*value = true
		case *string:
			*value = strings.Join(values, ",")
		case *[]string:
			*value = append(*value, values...)
		}
	}
}

func (k *keyReader) setTypeKey(word string) {
	leaf := k.Type.Leaf()
	if leaf.Kind != Plugin {
		k.errorf("type_key", "type_key is for options that are plugins, and this is %s", k.Type.Kind)
		return
	}
	leaf.TypeKey = word
}

// joined returns the values of a key as a decoder reads a text: items of a list separated by
// commas, or as a JSON array if that would be ambiguous.
func joined(t *Type, items []string) string {
	ambiguous := func(s string) bool {
		return strings.Contains(s, ",") || s != strings.TrimSpace(s) || s == "" || s[0] == '[' || s[0] == '{'
	}
	if listOf(t) == nil || !slices.ContainsFunc(items, ambiguous) {
		return strings.Join(items, ",")
	}
	text, err := json.Marshal(items)
	if err != nil { // strings can be marshaled
		panic(err)
	}
	return string(text)
}

// listOf returns the type of the items of a list or an array, or nil.
func listOf(t *Type) *Type {
	t = pointee(t)
	if t.Kind == List || t.Kind == Array {
		return t.Elem
	}
	return nil
}

// pointee returns what a type points to, or the type itself.
func pointee(t *Type) *Type {
	if t.Kind == Pointer {
		return t.Elem
	}
	return t
}

// The kinds of types that keys are for.
var (
	ordered  = []Kind{Int, Uint, Float, Duration, Text}
	plain    = append([]Kind{String}, ordered...)
	scalars  = append([]Kind{Bool, Binary}, plain...)
	bounded  = append([]Kind{List, Map}, plain...)
	anything = append([]Kind{Any, Tree, RawJSON}, scalars...)
	values   = append([]Kind{Plugin}, scalars...) // of a plugin, its name
)

// fits are the kinds of types that a key is for, and what these are called.
var fits = []struct {
	key   string
	kinds []Kind
	of    place
	what  string
}{
	{"default", values, ofItem, "one value, or a list of them"},
	{"env", values, ofItem, "one value, or a list of them"},
	{"example", append([]Kind{Map, Plugin}, anything...), ofItem, "values"},
	{"min", bounded, ofOption, "numbers, durations, strings, lists and maps"},
	{"max", bounded, ofOption, "numbers, durations, strings, lists and maps"},
	{"enum", plain, ofLeaf, "strings, numbers and durations, and lists and maps of them"},
	{"pattern", []Kind{String}, ofLeaf, "strings, and lists and maps of them"},
	{"secret", anything, ofLeaf, "values; write it on the fields of a struct"},
}

// A place is of which type a key is a property.
type place int

const (
	ofOption place = iota // the option itself
	ofItem                // the option, or its items if it is a list
	ofLeaf                // what is in lists and maps, however deep
)

// check reports values that do not fit the type of the option, or each other.
func (k *keyReader) check() {
	if !k.fit() {
		return
	}
	re := k.compiled()
	k.bounds()
	k.enums(re)
	if k.tag.Get("default") != nil {
		k.value("default", textsOf(k.tag.Get("default")), re)
	}
	if k.tag.Get("example") != nil {
		k.value("example", textsOf(k.tag.Get("example")), re)
	}
	k.checkConflicts()
}

// fit reports keys that are not for options of the type, and whether there are none.
func (k *keyReader) fit() bool {
	ok := true
	for _, f := range fits {
		if k.tag.Get(f.key) == nil {
			continue
		}
		t := pointee(k.Type)
		if item := listOf(t); item != nil && f.of == ofItem {
			t = pointee(item)
		}
		if f.of == ofLeaf {
			t = t.Leaf()
		}
		noNumber := f.of == ofOption && t.Kind == Text && t.Number == Invalid // has no order
		if noNumber || !slices.Contains(f.kinds, t.Kind) {
			k.errorf(f.key, "key %q is not for %s: it is for %s", f.key, described(k.Type), f.what)
			ok = false
		}
	}
	return ok
}

// described returns a type for messages, with an article.
func described(t *Type) string {
	switch t.Kind {
	case Text, Table, Plugin, Binary:
		if t.standard != "" {
			return "a " + t.standard
		}
	case Pointer:
		return described(t.Elem)
	case List, Array, Map:
		return t.Kind.String() + " of " + strings.TrimPrefix(strings.TrimPrefix(described(t.Elem), "an "), "a ") + "s"
	}
	return t.Kind.String()
}

// compiled returns the pattern, nil if there is none, or if it is reported.
func (k *keyReader) compiled() *regexp.Regexp {
	if k.Pattern == "" {
		return nil
	}
	re, err := regexp.Compile(k.Pattern)
	if err != nil {
		k.errorf("pattern", "pattern %q is not a regular expression: %s", k.Pattern,
			strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	return re
}

// boundType returns the type of the bounds of an option: that of its value if it is a number,
// or that of a length.
func boundType(t *Type) (bound *Type, length bool) {
	switch t = pointee(t); t.Kind {
	case String, List, Map:
		return &Type{Kind: Uint, Bits: 32}, true
	}
	return t, false
}

// bounds reports bounds that are no values of the option's type, or that no value meets.
func (k *keyReader) bounds() {
	t, length := boundType(k.Type)
	var limits [2]constant.Value
	for i, bound := range []string{k.Min, k.Max} {
		key := []string{"min", "max"}[i]
		if k.tag.Get(key) == nil {
			continue
		}
		v, why := parse(t, bound)
		if why != "" {
			if length {
				why = "is not a length, of which it is a bound: write a number, as in " + key + "=1"
			}
			k.errorf(key, "%s %q %s", key, bound, why)
			return
		}
		limits[i] = v
	}
	if limits[0] != nil && limits[1] != nil && compare(limits[0], limits[1]) > 0 {
		k.errorf("min", "min %s is greater than max %s", k.Min, k.Max)
	}
}

// enums reports values of enum that are none of the option's type, or given twice.
func (k *keyReader) enums(re *regexp.Regexp) {
	p := k.tag.Get("enum")
	if p == nil {
		return
	}
	t := k.Type.Leaf()
	for i, w := range p.Values {
		switch why := k.item(t, w.Text, re, false); {
		case slices.Contains(k.Enum[:i], w.Text):
			why = "is listed twice"
			fallthrough
		case why != "":
			k.reader.errorf(k.in, annotate.BadValue, w.Span, "option %s: enum %q %s", k.Name, w.Text, why)
		}
	}
}

// value reports the value of a key that is none of the option's type, or not allowed by the
// other keys.
func (k *keyReader) value(key string, items []string, re *regexp.Regexp) {
	t := pointee(k.Type)
	switch t.Kind {
	case Any, Tree, RawJSON, Map:
		return
	}
	elem := listOf(t)
	if elem == nil {
		text := strings.Join(items, ",")
		if why := k.item(t, text, re, true); why != "" {
			k.errorf(key, "%s %q %s", key, text, why)
		}
		return
	}
	for _, text := range items {
		if why := k.item(pointee(elem), text, re, true); why != "" {
			k.errorf(key, "%s %q %s", key, text, why)
		}
	}
	if t.Kind == Array && len(items) != t.Len {
		k.errorf(key, "the number of items of %s is %d, and that of the array %d", key, len(items), t.Len)
	}
	if why := k.outside(constant.MakeInt64(int64(len(items))), "items"); why != "" && t.Kind == List {
		k.errorf(key, "the number of items of %s, %d, %s", key, len(items), why)
	}
}

// item returns why a text is no value that the option or its items can have, for messages that
// begin with it, or "". enum is whether it has to be one of the enum's.
func (k *keyReader) item(t *Type, text string, re *regexp.Regexp, enum bool) string {
	v, why := parse(t, text)
	switch {
	case why != "":
		return why
	case enum && len(k.Enum) > 0 && !k.inEnum(t, v, text):
		return "is not one of " + strings.Join(k.Enum, ", ")
	case re != nil && !re.MatchString(text):
		return fmt.Sprintf("does not match the pattern %s", k.Pattern)
	case listOf(k.Type) != nil || pointee(k.Type).Kind == Map: // bounds are for the number of items
		return ""
	case t.Kind == String:
		return k.outside(constant.MakeInt64(int64(len([]rune(text)))), "characters")
	case v != nil:
		return k.outside(v, "")
	}
	return ""
}

func (k *keyReader) inEnum(t *Type, v constant.Value, text string) bool {
	return slices.ContainsFunc(k.Enum, func(s string) bool {
		if s == text {
			return true
		}
		w, why := parse(t, s)
		return why == "" && v != nil && w != nil && compare(v, w) == 0
	})
}

// outside returns why a number is not within the bounds, or "". unit is what is counted if it
// is a length.
func (k *keyReader) outside(v constant.Value, unit string) string {
	t, length := boundType(k.Type)
	if (unit != "") != length {
		return ""
	}
	if unit != "" {
		unit = " " + unit
	}
	if low, why := parse(t, k.Min); k.Min != "" && why == "" && low != nil && compare(v, low) < 0 {
		return "is less than min " + k.Min + unit
	}
	if high, why := parse(t, k.Max); k.Max != "" && why == "" && high != nil && compare(v, high) > 0 {
		return "is more than max " + k.Max + unit
	}
	return ""
}

// checkConflicts reports keys that contradict each other.
func (k *keyReader) checkConflicts() {
	switch {
	case k.Required && k.HasDefault:
		k.errorf("default", "it is required, so its default is never used: remove one of the two")
	case k.Secret && k.HasDefault:
		k.errorf("default", "it is a secret, and a default would show one: remove it, or read the value from a "+
			"variable, as in env=TOKEN")
	}
	if k.Secret && k.Example != "" {
		k.errorf("example", "it is a secret, and an example may show one: remove it")
	}
	for i, alias := range k.Aliases {
		switch {
		case alias == k.Name:
			k.errorf("aliases", "%s is its name already: an alias is another name for it", alias)
		case !isPathElement(alias):
			k.errorf("aliases", "%q is not the name of an option", alias)
		case slices.Contains(k.Aliases[:i], alias):
			k.errorf("aliases", "%s is listed twice", alias)
		}
	}
	if p := k.tag.Get("env"); p != nil && !isVariable(k.Env) {
		k.errorf("env", "%q is not the name of an environment variable: write letters, digits and _, as "+
			"in env=APP_TOKEN",
			k.Env)
	}
}

func isVariable(name string) bool {
	for i, c := range name {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
