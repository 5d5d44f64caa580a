package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/rules"
)

// A reader reads the files of a package into it.
type reader struct {
	*Package
	defaults  []pair                   // of the package
	seen      map[*ast.Comment]bool    // comments that were read or reported
	tagged    map[*ast.StructType]bool // structs whose tags were read
	file      *File                    // the one being read
	annotated bool                     // the package certainly has plugins or uses the registry
	searches  int                      // calls of nearest so far
	doc       docText
	embedding embedding
}

// A docText is what a doc comment says of a plugin. The reader keeps the last one, since
// a factory can have many directives, each of which is a plugin.
type docText struct {
	comment    *ast.CommentGroup
	synopsis   string // its first sentence
	deprecated string // the paragraph that begins with "Deprecated: ", in one line
}

// An embedding is the types that a type embeds. The reader keeps the last one, since a
// type can have many directives.
type embedding struct {
	typ  ast.Expr
	refs []typeRef
}

// errorf adds a diagnostic. The result is valid until the next call.
func (r *reader) errorf(c Category, s Span, format string, args ...any) *Diagnostic {
	r.Diagnostics = append(r.Diagnostics, Diagnostic{Span: s, Category: c, Message: fmt.Sprintf(format, args...)})
	return &r.Diagnostics[len(r.Diagnostics)-1]
}

// pluginErrorf is errorf for an error that makes a plugin invalid.
func (r *reader) pluginErrorf(p *Plugin, c Category, s Span, format string, args ...any) *Diagnostic {
	p.broken = true
	return r.errorf(c, s, format, args...)
}

// index records the package-level declarations and the methods of a file.
func (r *reader) index(f *File) {
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				r.add(&decl{file: f, ident: d.Name, fn: d})
			} else if name := receiver(d); name != "" {
				r.methods[name] = append(r.methods[name], method{d, f})
			}
		case *ast.GenDecl:
			r.indexSpecs(f, d)
		}
	}
}

func (r *reader) indexSpecs(f *File, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			r.add(&decl{file: f, ident: spec.Name, typ: spec})
		case *ast.ValueSpec:
			for i, name := range spec.Names {
				v := &decl{file: f, ident: name, val: spec, konst: d.Tok == token.CONST}
				if len(spec.Values) == len(spec.Names) {
					v.value = spec.Values[i]
				}
				r.add(v)
			}
		}
	}
}

// add records a declaration, unless nothing can refer to it.
func (r *reader) add(d *decl) {
	name := d.ident.Name
	if name == "_" || d.fn != nil && (name == "init" || name == "main" && r.Name == "main") {
		return
	}
	last := r.decls[name]
	if last == nil {
		r.decls[name] = d
		return
	}
	for last.next != nil {
		last = last.next
	}
	last.next = d
}

// methodsOf returns the methods of a type that are in some build with the file.
func (r *reader) methodsOf(name string, f *File) []Method {
	var all []Method
	for _, m := range r.methods[name] {
		if !m.file.Constraint.Excludes(f.Constraint) {
			all = append(all, m.asMethod())
		}
	}
	return all
}

// allowed reports whether all keys of a directive are allowed at a place. It adds
// diagnostics for those that are not.
func (r *reader) allowed(d *directive, place language.Places) bool {
	ok := true
	for _, p := range d.pairs {
		key, _ := language.KeyNamed(p.key.Text)
		switch {
		case p.guessed: // reported already, and the correction may be wrong
		case key.On == language.OnHost && place != language.OnHost:
			r.errorf(Missing, p.span(), "key %q is for a host: begin with link, as in "+
				"//plugin:link packages=all", key.Name)
			ok = false
		case key.On&place == 0:
			r.errorf(Placement, p.span(), "key %q is not allowed on "+
				"%v: %s", key.Name, place, instead(key, place))
			ok = false
		}
	}
	return ok
}

// instead returns what to do instead of writing a key at a place.
func instead(key language.Key, place language.Places) string {
	switch {
	case place == language.OnSpec && key.On&language.OnVar != 0:
		return "set the field of the registry.Spec"
	case place == language.OnType && key.Name == "load":
		return "a type is loaded by its method Load"
	case place == language.OnOption && key.Name == "name":
		return "the name of an option is written option=addr"
	case place == language.OnOption && strings.HasPrefix(key.Name, "x_"):
		return "options have no keys of your own"
	case key.On == language.OnOption:
		return "it is for the tag of a field that is an option, as in `plugin:\"option " + key.Example() + "\"`"
	}
	return fmt.Sprintf("it is allowed on %v", key.On)
}

// directives returns the directives of a comment group, but not //plugin:link: its place
// does not matter, so it is recorded here.
func (r *reader) directives(group *ast.CommentGroup) []*directive {
	if group == nil {
		return nil
	}
	var found []*directive
	for _, c := range group.List {
		if !IsDirective(c.Text) || r.seen[c] {
			continue
		}
		r.seen[c] = true
		d, diags := parseComment(c)
		r.Diagnostics = append(r.Diagnostics, diags...)
		switch {
		case d.get("link") != nil:
			r.host(d)
		default:
			found = append(found, d)
		}
	}
	return found
}

// host reads a //plugin:link directive.
func (r *reader) host(d *directive) {
	if !r.allowed(d, language.OnHost) {
		return
	}
	h := &Host{Directive: d.Span, File: r.file}
	for _, p := range d.pairs {
		var list *[]Word
		switch p.key.Text {
		case "packages":
			list = &h.Packages
		case "namespaces":
			list = &h.Namespaces
		case "exclude":
			list = &h.Exclude
		case "link":
			r.noValue(p)
			continue
		default: // misspelt, and reported already
			continue
		}
		*list = r.items(p)
		for _, w := range *list {
			switch {
			case w.Text == "":
				r.errorf(BadValue, w.Span, "an empty pattern matches nothing")
			case p.key.Text == "packages":
				r.importPattern(w)
			default:
				if err := rules.Selector(w.Text).Check(); err != nil {
					r.errorf(BadValue, w.Span, "%q is not a glob: %v", w.Text, err)
				}
			}
		}
	}
	for _, other := range r.Hosts { // a host for other builds is no duplicate
		if other.File.Constraint.String() == r.file.Constraint.String() {
			diag := r.errorf(Duplicate, d.Span, "the package has a //plugin:link already: write all "+
				"patterns in one, as in //plugin:link packages=a/...,b/...")
			diag.Related = []Related{{other.Directive, "it is here"}}
			return
		}
	}
	r.Hosts = append(r.Hosts, h)
}

// importPattern reports a pattern that is a path in the file system, which the go command
// takes as an argument.
func (r *reader) importPattern(w Word) {
	if first, _, _ := strings.Cut(w.Text, "/"); first != "." && first != ".." {
		return
	}
	meant := path.Join(r.Path, w.Text)
	if strings.HasPrefix(meant, ".") {
		r.errorf(BadValue, w.Span, "packages= takes import paths, as in %s/...", r.Path)
		return
	}
	diag := r.errorf(BadValue, w.Span, "packages= takes import paths: write %s instead of %s", meant, w.Text)
	diag.Fix = &Fix{Message: "write " + meant, Span: w.Span, New: meant}
}

// noValue reports the value of a key that takes none.
func (r *reader) noValue(p pair) {
	if len(p.items) > 0 {
		r.errorf(BadValue, p.span(), "key %q takes no value here", p.key.Text)
	}
}

// items returns the items of a pair. It reports a pair without a value.
func (r *reader) items(p pair) []Word {
	if p.items == nil {
		key, _ := language.KeyNamed(p.key.Text)
		r.errorf(BadValue, p.key.Span, "key %q needs a value, as in %s=%s", key.Name, key.Name, key.Value)
	}
	return p.items
}

// one returns the only item of a pair. It reports a pair with none or several.
func (r *reader) one(p pair) (Word, bool) {
	items := r.items(p)
	if len(items) > 1 {
		hint := ": pairs are separated by spaces"
		if key, _ := language.KeyNamed(p.key.Text); key.Kind == language.TextValue {
			hint = `: quote it if it has a comma in it, as in "a, b"`
		}
		r.errorf(BadValue, p.span(), "key %q takes one value%s", p.key.Text, hint)
	}
	if len(items) != 1 {
		return Word{}, false
	}
	return items[0], true
}

// text returns a value that can be any text.
func (r *reader) text(p pair) string {
	w, _ := r.one(p)
	return w.Text
}

// namespace returns a value that is a namespace, or "".
func (r *reader) namespace(p pair) string {
	w, ok := r.one(p)
	if ok && !rules.ValidNamespace(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a namespace: write dot-separated words of letters, "+
			"digits, _ and -, as in my.plugins", w.Text)
		return ""
	}
	return w.Text
}

// name returns a value that is the name of a plugin, or "".
func (r *reader) name(p pair) string {
	w, ok := r.one(p)
	if ok && !rules.ValidName(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a name: "+legalName+", as in name=my", w.Text)
		return ""
	}
	return w.Text
}

// optional returns the value of a pair, or "true" if it has none.
func (r *reader) optional(p pair) string {
	if p.items == nil {
		return "true"
	}
	return r.text(p)
}

// stability returns a value that is a level of stability, or "".
func (r *reader) stability(p pair) string {
	w, ok := r.one(p)
	if !ok || slices.Contains(rules.Stabilities, w.Text) {
		return w.Text
	}
	d := r.errorf(BadValue, w.Span, "unknown stability %q: write %s", w.Text, strings.Join(rules.Stabilities, ", "))
	if near := rules.NearestOrCompletion(w.Text, rules.Stabilities); near != "" {
		d.Message = fmt.Sprintf("unknown stability %q%s", w.Text, rules.DidYouMean(near))
		d.Fix = &Fix{Message: "write " + near, Span: w.Span, New: near}
	}
	return ""
}

// plugins returns the items of a pair that name plugins. It reports the others.
func (r *reader) plugins(p pair) []string {
	for _, w := range p.items {
		if _, all := everyPlugin(w.Text); strings.Contains(w.Text, "*") && !all {
			r.errorf(BadValue, w.Span, "%s takes no globs but namespace:*, which is every plugin "+
				"of a namespace: write %q, or name the plugins", p.key.Text, everyOf(w.Text))
		}
	}
	return r.list(p, validPlugin, "is not the name of a plugin: write name, namespace:name for "+
		"one of another namespace, or namespace:* for all of it")
}

// everyOf returns the requirement namespace:* to write instead of a glob.
func everyOf(glob string) string {
	namespace, _, qualified := strings.Cut(glob, ":")
	if !qualified || !rules.ValidNamespace(namespace) {
		namespace = "my.plugins"
	}
	return namespace + ":*"
}

// everyPlugin returns the namespace of a requirement namespace:*, and whether it is one.
func everyPlugin(required string) (namespace string, ok bool) {
	namespace, ok = rules.EveryOf(required)
	return namespace, ok && rules.ValidNamespace(namespace)
}

// legalName is the end of messages about invalid names.
const legalName = "write printable text without quotes, commas, or spaces at its ends"

// validPlugin reports whether s can name a plugin: name, or namespace:name.
func validPlugin(s string) bool {
	ns, name, qualified := strings.Cut(s, ":")
	return rules.ValidName(s) && (!qualified || !rules.ValidNamespace(ns) || name != "")
}

// list returns the valid items of a pair. It reports the others with the message why, and
// repeated ones.
func (r *reader) list(p pair, valid func(string) bool, why string) []string {
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

// integer returns a value that is a number of 32 bits: Priority of registry.Spec is an
// int, which has no more on some platforms.
func (r *reader) integer(p pair) int {
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
