package options

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// foreign returns the struct of another module that has options.
func (r *reader) foreign(path, name string, f Foreign) *Struct {
	key := path + "." + name
	if r.structs[key] == nil {
		st := &Struct{}
		if f.Struct != nil {
			*st = *f.Struct
		}
		st.Path, st.Package, st.Name, st.Shared, st.Foreign = path, f.Package, name, true, true
		st.Go = mustType("p0."+name, map[string]string{"p0": path})
		st.via = r.lastVia()
		r.structs[key] = st
	}
	return r.structs[key]
}

// lastVia returns the field of the package by which a struct is read, if any.
func (r *reader) lastVia() annotate.Span {
	if len(r.via) == 0 {
		return annotate.Span{}
	}
	return r.via[len(r.via)-1]
}

// structOf returns the options of a struct. s is the scope in which it is declared.
func (r *reader) structOf(d annotate.TypeDecl, args []typeExpr, s *scope, naming string) *Struct {
	st := &Struct{
		Path: s.pkg.Path, Package: s.pkg.Name, Name: d.Name.Name, File: d.File,
		Decl: annotate.Span{Pos: d.Name.Pos(), End: d.Name.End()},
	}
	if s.params == nil {
		s.params = paramsOf(d.TypeParams, args)
	}
	key := st.Path + "." + st.Name
	for _, a := range args {
		t, ok := r.goType(a.expr, a.scope)
		if !ok {
			t = code.Type{}
		}
		st.TypeArgs = append(st.TypeArgs, t)
		text, _ := t.MarshalText()
		key += "[" + string(text) + "]"
	}
	for _, o := range s.pkg.Shared {
		if o.Symbol == st.Name && o.File.Name == d.File.Name {
			st.Shared, st.Section, naming = true, o.Section, o.Naming
		}
	}
	key += " " + naming + " " + d.File.Name
	if known := r.structs[key]; known != nil {
		return known
	}
	r.structs[key] = st
	st.via = r.lastVia()
	st.Go, _ = r.structGo(d, args, s)
	st.reading = true
	reportedThere := st.Shared && s.pkg != r.pkg
	if reportedThere {
		r.suppressed++
	}
	r.fields(st, d, s, naming)
	r.methods(st, d, s)
	if reportedThere {
		r.suppressed--
	}
	st.reading, st.names = false, nil
	slices.SortStableFunc(st.Options, func(a, b *Option) int { return cmp.Compare(a.Name, b.Name) })
	return st
}

// structGo returns the type of a struct with its type arguments.
func (r *reader) structGo(d annotate.TypeDecl, args []typeExpr, s *scope) (code.Type, bool) {
	there := &scope{pkg: s.pkg, file: s.file, params: map[string]typeExpr{}}
	e := ast.Expr(ast.NewIdent(d.Name.Name))
	if len(args) > 0 {
		list := &ast.IndexListExpr{X: e}
		for i, a := range args {
			param := strconv.Itoa(i) // a name that nothing else has
			list.Indices = append(list.Indices, ast.NewIdent(param))
			there.params[param] = a
		}
		e = list
	}
	return r.goType(e, there)
}

// fields reads the fields of a struct.
func (r *reader) fields(st *Struct, d annotate.TypeDecl, s *scope, naming string) {
	fields := ast.Unparen(d.Type).(*ast.StructType)
	if naming == "" && !annotate.DeclaresOptions(fields) {
		return
	}
	d = s.pkg.WithComments(d)
	fields = ast.Unparen(d.Type).(*ast.StructType)
	tags, diags := annotate.OptionTags(fields, naming != "")
	for _, diag := range diags {
		st.broken = true
		e := r.errorf(s.pkg, diag.Category, diag.Span, "%s", diag.Message)
		if s.pkg == r.pkg {
			e.Related, e.Fix = diag.Related, diag.Fix
		}
	}
	for i, f := range fields.Fields.List {
		for _, field := range fieldsOf(f, tags[i], naming) {
			if s.pkg == r.pkg {
				r.via = append(r.via, field.span)
			}
			r.field(st, field, s, naming)
			if s.pkg == r.pkg {
				r.via = r.via[:len(r.via)-1]
			}
		}
	}
}

// A field is a field that may be an option.
type field struct {
	*ast.Field
	id       string // its name, that of the type if it is embedded
	span     annotate.Span
	tag      *annotate.OptionTag // nil if it has none
	name     string              // of the option
	others   []string            // names that the library of its tag reads too
	named    bool                // its tag names it
	squash   bool                // its options are those of the struct
	embedded bool
	invalid  string // why its tag can't be read
}

// field reads a field.
func (r *reader) field(st *Struct, f field, s *scope, naming string) {
	switch {
	case f.invalid != "":
		st.broken = true
		r.errorf(s.pkg, annotate.BadValue, f.span, "field %s can't be an option: %s", f.id, f.invalid)
		return
	case f.id == "_":
		st.broken = true
		r.errorf(s.pkg, annotate.Placement, f.tagSpan(), "a field named _ can't be an option: give it a name")
		return
	case !token.IsExported(f.id) && !f.squash:
		st.broken = true
		r.errorf(s.pkg, annotate.Placement, f.tagSpan(), "field %s is not exported, and so can't be "+
			"an option: call it %s, or remove the tag", f.id, exported(f.id))
		return
	}
	hints := typeHints{naming: naming, embedded: f.squash, explicit: f.tag.Get("option") != nil}
	if p := f.tag.Get("as"); p != nil && len(p.Values) == 1 {
		hints.as = p.Values[0].Text
		if _, ok := words[hints.as]; !ok {
			st.broken = true
			r.badWord(s.pkg, p.Values[0], hints.as)
			return
		}
	}
	if p := f.tag.Get("plugin"); p != nil && len(p.Values) == 1 {
		hints.namespace = p.Values[0].Text
	}
	t, why := r.typeOf(f.Type, s, hints)
	switch {
	case why != nil && why.unsure:
		r.Incomplete, st.broken = true, true
		return
	case why != nil && naming != "" && f.tag == nil && !f.named:
		return // the library would not fail either, unless a value is given
	case why != nil:
		st.broken = true
		r.errorf(s.pkg, annotate.Role, f.span, "field %s (%s) can't be an option: "+
			"%s", f.id, types.ExprString(f.Type), why.message)
		return
	case f.squash && (naming == "" || pointee(t).Kind == Table):
		r.squash(st, f, t, s, naming)
		return
	}
	o := &Option{Name: f.name, Field: []string{f.id}, Type: t, Span: f.span, Tag: f.tagSpan()}
	o.Aliases = f.others
	if !r.keys(o, f, s) {
		st.broken = true
	}
	r.add(st, o, s, naming)
}

func (r *reader) badWord(in *source.Package, w annotate.Word, as string) {
	d := r.errorf(in, annotate.BadValue, w.Span, "unknown as=%s: write %s", as, strings.Join(asWords, ", "))
	if near := rules.NearestOrCompletion(as, asWords); near != "" && in == r.pkg {
		d.Message = fmt.Sprintf("unknown as=%s%s", as, rules.DidYouMean(near))
		d.Fix = &annotate.Fix{Message: "write " + near, Span: w.Span, New: near}
	}
}

func exported(id string) string {
	trimmed := strings.TrimLeft(id, "_")
	if trimmed == "" {
		return "Field"
	}
	return strings.ToUpper(trimmed[:1]) + trimmed[1:]
}

func (f field) tagSpan() annotate.Span {
	if f.tag != nil {
		return f.tag.Span
	}
	return f.span
}

// add adds an option to a struct, unless there is one of its name.
func (r *reader) add(st *Struct, o *Option, s *scope, naming string) {
	name, other := st.named(o)
	if other == nil {
		st.Options = append(st.Options, o)
		st.setNames(o)
		return
	}
	at := slices.Index(st.Options, other)
	if at >= 0 && naming != "" && len(o.Field) != len(other.Field) {
		if len(o.Field) < len(other.Field) { // as Go selects fields
			st.Options[at] = o
			st.setNames(o)
		}
		return
	}
	r.duplicate(st, name, other, o, s)
}

// duplicate reports two options of one name.
func (r *reader) duplicate(st *Struct, name string, other, o *Option, s *scope) {
	st.broken = true
	outer, inner := o, other
	if len(o.Field) > len(other.Field) {
		outer, inner = other, o
	}
	message := fmt.Sprintf("two options are called %s: fields %s and %s", name, path(other), path(o))
	if len(outer.Field) != len(inner.Field) {
		message = fmt.Sprintf("option %s, field %s, shadows that of the embedded %s: give one of them another name, "+
			"as in option=%s_%s", name, path(outer), path(inner),
			rules.SnakeCase(inner.Field[len(inner.Field)-2]), name)
	}
	at := o.Span
	if len(o.Field) > 1 { // it is declared elsewhere
		at = r.via[len(r.via)-1]
	}
	r.errorf(s.pkg, annotate.Duplicate, at, "%s", message).Related = []annotate.Related{
		{Span: other.Span, Message: "the other is here"},
	}
}

// addForeign records the names of an option of an embedded struct of another module, and
// reports one that is taken.
func (r *reader) addForeign(st *Struct, o *Option, s *scope) {
	if name, other := st.named(o); other != nil {
		r.duplicate(st, name, other, o, s)
		return
	}
	st.setNames(o)
}

// named returns a name that an option has with one of the struct's, aliases included, and
// that one, or nil.
func (s *Struct) named(o *Option) (name string, other *Option) {
	for _, name := range append([]string{o.Name}, o.Aliases...) {
		if other := s.names[name]; other != nil {
			return name, other
		}
	}
	return "", nil
}

// setNames records the names of an option of the struct.
func (s *Struct) setNames(o *Option) {
	if s.names == nil {
		s.names = map[string]*Option{}
	}
	s.names[o.Name] = o
	for _, alias := range o.Aliases {
		s.names[alias] = o
	}
}

func path(o *Option) string { return strings.Join(o.Field, ".") }

// squash adds the options of an embedded struct to the struct that embeds it.
func (r *reader) squash(st *Struct, f field, t *Type, s *scope, naming string) {
	inner, pointer := t, t.Kind == Pointer
	if pointer {
		inner = t.Elem
	}
	if f.tag != nil && len(f.tag.Pairs) > 1 {
		r.keysOfSquashed(f, s)
	}
	switch {
	case inner.Kind != Table:
		st.broken = true
		r.errorf(s.pkg, annotate.Role, f.span, "%s is no struct: give its option a name, as in "+
			"`plugin:\"option=%s\"`",
			f.id, rules.SnakeCase(f.id))
		return
	case inner.Struct.reading:
		return // it embeds itself, perhaps by a pointer: the options are its own
	case pointer && !token.IsExported(f.id) && f.embedded && s.pkg != r.pkg:
		st.broken = true
		r.errorf(s.pkg, annotate.Role, f.span, "%s is an embedded pointer to a struct that is not "+
			"exported, which can't be made here: embed the struct itself", f.id)
		return
	}
	st.broken = st.broken || inner.Struct.broken
	if pointer {
		st.Embedded = append(st.Embedded, Embedded{[]string{f.id}, inner.Go})
	}
	prefix := []string{f.id}
	if s.pkg != r.pkg && !token.IsExported(f.id) {
		prefix = nil // its exported fields are promoted
	}
	if inner.Struct.Foreign || inner.Struct.Shared && r.hides(inner.Struct) {
		st.Parts = append(st.Parts, Part{inner.Struct, prefix, pointer})
		for _, o := range inner.Struct.Options { // those that are known, to find two of one name
			foreign := *o
			foreign.Field, foreign.Span = slices.Concat(prefix, []string{o.Name}), f.span
			r.addForeign(st, &foreign, s)
		}
		return
	}
	r.promote(st, inner.Struct, prefix, s, naming)
}

// promote adds to a struct what is known of one that it embeds, whose fields have the path prefix.
func (r *reader) promote(st, inner *Struct, prefix []string, s *scope, naming string) {
	below := func(path []string) []string { return slices.Concat(prefix, path) }
	for _, p := range inner.Parts {
		st.Parts = append(st.Parts, Part{p.Struct, below(p.Field), p.Pointer})
	}
	for _, e := range inner.Embedded {
		st.Embedded = append(st.Embedded, Embedded{below(e.Field), e.Elem})
	}
	for _, p := range inner.SetDefaults {
		st.SetDefaults = append(st.SetDefaults, below(p))
	}
	for _, p := range inner.Validates {
		st.Validates = append(st.Validates, below(p))
	}
	for _, o := range inner.Options {
		c := *o
		c.Field = below(o.Field)
		r.add(st, &c, s, naming)
	}
}

// hides reports whether the options of a struct of another package have types that only
// that package can name.
func (r *reader) hides(s *Struct) bool {
	return s.Path != r.pkg.Path && slices.ContainsFunc(s.Options, func(o *Option) bool {
		for t := o.Type; t != nil; t = t.Elem {
			if !t.Go.IsZero() && r.isHidden(t.Go) {
				return true
			}
		}
		return false
	})
}

// isHidden reports whether a type has the name of one that another package does not export.
func (r *reader) isHidden(t code.Type) (hidden bool) {
	ast.Inspect(t.Expr(), func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && !token.IsExported(sel.Sel.Name) {
			id, _ := sel.X.(*ast.Ident)
			hidden = hidden || id != nil && t.Imports()[id.Name].String() != r.pkg.Path
		}
		return !hidden
	})
	return hidden
}

// methods notes the methods SetDefaults and Validate of a struct.
func (r *reader) methods(st *Struct, d annotate.TypeDecl, s *scope) {
	if !st.hasOptions() {
		return
	}
	about := s.pkg.About(st.Name)
	for _, m := range []struct {
		name, want string
		paths      *[][]string
	}{
		{"SetDefaults", "func (*%s) SetDefaults()", &st.SetDefaults},
		{"Validate", "func (*%s) Validate() error", &st.Validates},
	} {
		method := about.Method(st.Name, m.name, d.File)
		if method == nil {
			if r.promotes(st, d, s, m.name) {
				*m.paths = append(*m.paths, nil)
			}
			continue
		}
		if !isCallable(s.pkg, method) {
			r.errorf(s.pkg, annotate.Role, method.Decl, "%s is called with the options of %s, but it "+
				"has another signature: "+
				"write "+m.want+", or give it another name", m.name, st.Name, st.Name)
			continue
		}
		*m.paths = append(*m.paths, nil)
	}
}

// promotes reports whether a struct has a method from one that it embeds, and whose options are
// not its own; for those that are, it is called anyway.
func (r *reader) promotes(st *Struct, d annotate.TypeDecl, s *scope, name string) bool {
	found := 0
	for _, f := range ast.Unparen(d.Type).(*ast.StructType).Fields.List {
		id := embeddedName(f.Type)
		if len(f.Names) > 0 || id == nil {
			continue
		}
		e := ast.Unparen(f.Type)
		if star, ok := e.(*ast.StarExpr); ok {
			e = star.X
		}
		inner, _, at := r.structType(e, s)
		if inner == nil {
			continue
		}
		m := at.pkg.About(inner.Name.Name).Method(inner.Name.Name, name, inner.File)
		if m == nil || !isCallable(at.pkg, m) {
			continue
		}
		if slices.ContainsFunc(st.Options, func(o *Option) bool { return len(o.Field) > 1 && o.Field[0] == id.Name }) {
			return false // two of one depth are none, and one is called already
		}
		if _, pointer := ast.Unparen(f.Type).(*ast.StarExpr); pointer {
			return false // it may be nil
		}
		found++
	}
	return found == 1
}

// isCallable reports whether a method is SetDefaults() or Validate() error.
func isCallable(p *source.Package, m *annotate.Method) bool {
	results := m.Type.Results.NumFields()
	return m.Type.Params.NumFields() == 0 && (m.Name == "SetDefaults" && results == 0 ||
		m.Name == "Validate" && results == 1 && isPredeclared(p, m.Type.Results.List[0].Type, "error"))
}

// reload reports whether a plugin has a method Reload for its options, or may have one, since
// syntax does not tell. One with another signature is a diagnostic.
func (r *reader) reload(x *annotate.Plugin, st *Struct, naming string) bool {
	d, _, s, _ := r.plugin(x, naming)
	if d == nil {
		return true
	}
	m := s.pkg.About(d.Name.Name).Method(d.Name.Name, rules.Reload, d.File)
	switch {
	case m == nil:
		return embeds(d)
	case s.pkg != r.pkg || r.isReload(m, d.Name.Name, st):
		return true
	}
	if slices.ContainsFunc(r.Diagnostics, func(diag annotate.Diagnostic) bool { return diag.Span == m.Decl }) {
		return false // another plugin of the same type
	}
	r.errorf(r.pkg, annotate.Role, m.Decl, rules.Reload+" is called with changed options of %s, but it has "+
		"another signature: "+
		"write func (*%s) Reload(context.Context, *%s) error, or give it another name",
		d.Name.Name, d.Name.Name, st.Name)
	return false
}

// embeds reports whether a struct embeds anything that is no option, whose methods it has.
func embeds(d *annotate.TypeDecl) bool {
	return slices.ContainsFunc(ast.Unparen(d.Type).(*ast.StructType).Fields.List,
		func(f *ast.Field) bool { return len(f.Names) == 0 && f.Tag == nil })
}

// isReload reports whether a method may be a Reload for the options.
func (r *reader) isReload(m *annotate.Method, plugin string, st *Struct) bool {
	if r.pkg.MethodOf(m.File, rules.Reload, m.Type) == nil {
		return false
	}
	e := ast.Unparen(code.Flatten(m.Type.Params)[1])
	if star, isStar := e.(*ast.StarExpr); isStar {
		e = ast.Unparen(star.X)
	}
	switch x := e.(type) {
	case *ast.IndexExpr:
		e = x.X
	case *ast.IndexListExpr:
		e = x.X
	}
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == plugin || x.Name == st.Name
	case *ast.SelectorExpr:
		return x.Sel.Name == st.Name
	}
	return false
}
