package annotate

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/rules"
)

// An OptionTag is the plugin tag of a field that is an option.
type OptionTag struct {
	Span          // of the literal
	Pairs  []Pair // with allowed keys only
	Broken bool   // an error in it has been reported
}

// A Pair is a key, and its value if it has one.
type Pair struct {
	Span
	Key    Word
	Values []Word // those that were separated by commas
}

// Get returns the pair with the key, or nil. It can be called on a nil tag.
func (t *OptionTag) Get(key string) *Pair {
	if t == nil {
		return nil
	}
	for i := range t.Pairs {
		if t.Pairs[i].Key.Text == key {
			return &t.Pairs[i]
		}
	}
	return nil
}

// OptionTags returns the plugin tag of each field of a struct, nil for a field without one.
// Tags of other programs are not among them, unless all is true: then every plugin tag that
// declares no plugin is that of an option.
func OptionTags(s *ast.StructType, all bool) ([]*OptionTag, []Diagnostic) {
	tags := make([]*OptionTag, len(s.Fields.List))
	if !all && !DeclaresOptions(s) {
		return tags, nil
	}
	r := &reader{Package: &Package{}}
	for i, f := range s.Fields.List {
		if f.Tag == nil || !isOptionTag(f) {
			continue
		}
		d, diags := parseTag(f.Tag, field)
		if d == nil {
			continue
		}
		r.Diagnostics = append(r.Diagnostics, diags...)
		tag := &OptionTag{Span: d.Span, Broken: !r.allowed(d, language.OnOption) || len(diags) > 0}
		for _, p := range d.pairs {
			if key, _ := language.KeyNamed(p.key.Text); key.On&language.OnOption == 0 {
				continue
			}
			if before := len(r.Diagnostics); !p.guessed {
				r.checkPair(p)
				tag.Broken = tag.Broken || len(r.Diagnostics) > before
			}
			tag.Pairs = append(tag.Pairs, Pair{p.span(), p.key, p.items})
		}
		tags[i] = tag
	}
	return tags, r.Diagnostics
}

// checkPair reports a value that its key in the tag of an option does not allow, as far as
// that does not depend on the option's type.
func (r *reader) checkPair(p pair) {
	key, _ := language.KeyNamed(p.key.Text)
	switch key.Kind {
	case language.NoValue:
		r.noValue(p)
	case language.NamespaceValue:
		r.namespace(p)
	case language.OptionValue:
		if p.items != nil {
			r.name(p)
		}
	case language.NameList:
		r.nonEmptyNames(p)
	case language.TextValue:
		if key.Name != "pattern" { // it may have commas in it
			r.one(p)
			return
		}
		r.items(p)
	default:
		r.items(p)
	}
}

// nonEmptyNames reports empty items of a pair.
func (r *reader) nonEmptyNames(p pair) {
	for _, w := range r.items(p) {
		if w.Text == "" {
			r.errorf(BadValue, w.Span, "a name is empty")
		}
	}
}

// firstOption returns the first field of a struct with the key option, or nil.
func firstOption(s *ast.StructType) *ast.Field {
	i := slices.IndexFunc(s.Fields.List, func(f *ast.Field) bool { return hasOption(f.Tag) })
	if i < 0 {
		return nil
	}
	return s.Fields.List[i]
}

// DeclaresOptions reports whether a tag of a struct has the key option, so that all its
// plugin tags are ours.
func DeclaresOptions(s *ast.StructType) bool { return firstOption(s) != nil }

// hasOption reports whether there is a plugin tag with the key option in a struct tag, which
// may be nil.
func hasOption(lit *ast.BasicLit) bool {
	if lit == nil || !strings.Contains(lit.Value, "option") {
		return false
	}
	return optionKey(rules.TagValue(lit, "plugin"))
}

// isOptionTag reports whether the tag of a field in a struct of options is that of an option,
// and does not declare a plugin, or try to.
func isOptionTag(f *ast.Field) bool {
	pairs := rules.TagValue(f.Tag, "plugin")
	return pairs != "" && (optionKey(pairs) || !slices.ContainsFunc(strings.Fields(pairs), func(word string) bool {
		key, _, _ := strings.Cut(word, "=")
		k, known := language.KeyNamed(key)
		return known && k.On&language.OnTag != 0 && k.On&language.OnOption == 0
	}))
}

// sharesOptions reports whether a directive on a struct has the key options, or section,
// which needs it, and neither declares a plugin nor a contract.
func (d *directive) sharesOptions() bool {
	return (d.get("options") != nil || d.get("section") != nil) && d.get("namespace") == nil &&
		d.get("contract") == nil && !d.names()
}

// sharedOptions reads a directive with the key options on a struct.
func (r *reader) sharedOptions(t *ast.TypeSpec, d *directive, kind typeKind) {
	switch {
	case !r.allowed(d, language.OnShared):
		return
	case d.get("options") == nil:
		diag := r.errorf(Missing, d.Span, "section is for a contract, or for a struct of options: add "+
			"options to the directive")
		diag.Fix = &Fix{Message: "add options", Span: Span{d.pairs[0].key.Pos, d.pairs[0].key.Pos}, New: "options "}
		return
	case t.Assign.IsValid():
		r.errorf(Placement, d.Span, "%s is an alias: write the directive above the struct that it "+
			"stands for", t.Name.Name)
		return
	case kind != structType:
		r.errorf(Role, d.Span, "%s is no struct, and so has no options", t.Name.Name)
		return
	case t.TypeParams != nil:
		r.errorf(Role, d.Span, "%s is generic: each package that uses it generates what it needs, "+
			"without a directive", t.Name.Name)
		return
	case t.Name.Name == "_" || !ast.IsExported(t.Name.Name) && r.Name != "main" && d.get("section") == nil:
		r.errorf(Role, d.Span, "%s is not exported, and other packages can't share it: export it, or "+
			"remove the directive", t.Name.Name)
		return
	}
	o := &OptionStruct{Symbol: t.Name.Name, Directive: d.Span, File: r.file}
	for _, p := range d.pairs {
		switch p.key.Text {
		case "options":
			if p.items != nil {
				o.Naming = r.naming(p)
			}
		case "section":
			o.Section = r.section(p)
		}
	}
	for _, other := range r.Shared {
		if other.Symbol == o.Symbol && other.File == o.File {
			diag := r.errorf(Duplicate, d.Span, "%s has this directive already: keep one of the two", o.Symbol)
			diag.Related = []Related{{other.Directive, "it is here"}}
			return
		}
	}
	r.Shared = append(r.Shared, o)
}

// naming returns the value of the key options. For one that is wrong it returns some struct tag:
// all fields are taken for options then, so that none is missed because of the error.
func (r *reader) naming(p pair) string {
	w, ok := r.one(p)
	switch {
	case !ok:
		return rules.Namings[0]
	case !slices.Contains(rules.Namings, w.Text):
		r.errorf(BadValue, w.Span, "%q names no options: write the struct tag that does, %s", w.Text,
			strings.Join(rules.Namings, ", "))
		return rules.Namings[0]
	}
	return w.Text
}

// section returns a value that is a place in a configuration, or "".
func (r *reader) section(p pair) string {
	w, ok := r.one(p)
	if ok && !rules.ValidSection(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a section: write the names of tables, joined by dots and without "+
			"spaces, quotes, brackets and =, as in section=services", w.Text)
		return ""
	}
	return w.Text
}
