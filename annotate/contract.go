package annotate

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/rules"
)

// contract reads a directive on an interface or func type, or one with the key contract.
func (r *reader) contract(t *ast.TypeSpec, d *directive) {
	for _, key := range []string{"name", "name_from"} {
		if p := d.get(key); p != nil && !p.guessed {
			r.errorf(Placement, p.span(), "%s is the contract of its namespace%s, and has no name: "+
				"remove the name, or write the directive above a plugin", t.Name.Name, becauseOf(d))
			return
		}
	}
	if p := d.get("contract"); p != nil {
		r.noValue(*p)
	}
	if !r.allowed(d, language.OnContract) {
		return
	}
	space := d.get("namespace")
	switch {
	case space == nil && d.broken:
		return
	case space == nil:
		r.errorf(Missing, d.Span, "a contract has a namespace: add namespace=...")
		return
	case t.TypeParams != nil:
		r.errorf(Role, d.Span, "a contract can't be generic: declare a type with type arguments, "+
			"as in type C Generic[int], and write the directive above that")
		return
	}
	expr, file := r.underlying(t.Type, r.file)
	if why := r.noContract(expr); why != "" {
		r.errorf(Role, d.Span, "%s can't be a contract: %s", t.Name.Name, why)
		return
	}
	_, isStruct := expr.(*ast.StructType)
	c := &Contract{
		Symbol: t.Name.Name, Decl: identSpan(t.Name), Directive: d.Span,
		File: r.file, Pointer: isStruct, Type: expr,
	}
	if !r.methodSet(&c.Methods, expr, file, map[ast.Expr]bool{}) {
		r.errorf(Role, d.Span, "%s can't be a contract: it has a type set in it (a union, ~T or "+
			"comparable), so it only constrains type parameters, and no plugin is a value "+
			"of it", t.Name.Name)
		return
	}
	if p := d.get("options"); p != nil {
		c.Options = r.structTag(*p)
	}
	if p := d.get("section"); p != nil {
		c.Section = r.section(*p)
	}
	if c.Namespace = r.namespace(*space); c.Namespace != "" {
		r.Contracts = append(r.Contracts, c)
	}
}

// becauseOf returns why a type is a contract, if not because of the key contract.
func becauseOf(d *directive) string {
	if d.get("contract") != nil {
		return ""
	}
	return ", being an interface or func type"
}

// noContract returns why a type can't be a contract, or "" if it can.
func (r *reader) noContract(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.InterfaceType, *ast.FuncType, *ast.StructType, *ast.StarExpr:
		return ""
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		text := types.ExprString(t)
		return fmt.Sprintf("syntax does not tell what %s is: write struct{ %s } or interface{ %s "+
			"} instead", text, text, text)
	case *ast.Ident:
		if isIdent(t, "error") || isIdent(t, "any") {
			return ""
		}
	}
	return "a contract is an interface, a func type, a struct or a pointer"
}

// methodSet adds the methods of an interface, and of the interfaces that it embeds. It
// returns false for an interface that can only be a type constraint.
func (r *reader) methodSet(s *MethodSet, t ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	iface, ok := t.(*ast.InterfaceType)
	switch {
	case isIdent(t, "error"), isIdent(t, "any"):
		return r.embedded(s, t, f, seen)
	case !ok || seen[t]:
		return true
	}
	seen[t] = true
	for _, m := range iface.Methods.List {
		if fn, ok := m.Type.(*ast.FuncType); ok && len(m.Names) > 0 {
			s.add(Method{m.Names[0].Name, fn, identSpan(m.Names[0]), f})
		} else if !r.embedded(s, m.Type, f, seen) {
			return false
		}
	}
	return true
}

// embedded adds the methods of an embedded element. It returns false as methodSet does.
func (r *reader) embedded(s *MethodSet, t ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	switch x := ast.Unparen(t).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr: // a union, or ~T
		return false
	case *ast.IndexExpr:
		if f.refersTo(x.X, RegistryPath, "Plugin") {
			s.LoadArgs = append(s.LoadArgs, TypeExpr{x.Index, f})
			return true
		}
		return r.instance(s, x.X, []ast.Expr{x.Index}, f, seen)
	case *ast.IndexListExpr:
		return r.instance(s, x.X, x.Indices, f, seen)
	case *ast.Ident, *ast.SelectorExpr:
		expr, file := r.underlying(t, f)
		switch {
		case file.refersTo(expr, "io", "Closer"):
			s.add(Method{Name: rules.Close, Type: returning("error"), File: f})
			return true
		case isIdent(expr, "error"):
			s.add(Method{Name: "Error", Type: returning("string"), File: f})
			return true
		case isIdent(expr, "comparable"):
			return false
		case isIdent(expr, "any"):
			return true
		}
		if iface, ok := expr.(*ast.InterfaceType); ok {
			return r.methodSet(s, iface, file, seen)
		}
	}
	s.Unknown = append(s.Unknown, TypeExpr{t, f})
	return true
}

// instance adds the methods of an embedded generic interface of the package. Type
// arguments replace its type parameters only in the type of Load's argument: other
// methods are needed by name.
func (r *reader) instance(s *MethodSet, generic ast.Expr, args []ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	var own MethodSet
	iface, file := r.underlying(generic, f)
	params := r.paramsOf(generic, f)
	if _, ok := iface.(*ast.InterfaceType); !ok || len(params) != len(args) {
		s.Unknown = append(s.Unknown, TypeExpr{generic, f})
		return true
	}
	if !r.methodSet(&own, iface, file, seen) {
		return false
	}
	for _, m := range own.Own {
		s.add(m)
	}
	for _, m := range own.Lifecycle {
		if types := code.Flatten(m.Type.Params); m.Name == rules.Load && len(types) == 2 && mentions(types[1], params) {
			own.LoadArgs = append(own.LoadArgs, TypeExpr{types[1], m.File})
			continue
		}
		s.add(m)
	}
	for _, arg := range own.LoadArgs {
		id, _ := ast.Unparen(arg.Expr).(*ast.Ident)
		switch {
		case id != nil && slices.Contains(params, id.Name):
			s.LoadArgs = append(s.LoadArgs, TypeExpr{args[slices.Index(params, id.Name)], f})
		case mentions(arg.Expr, params):
			s.Unknown = append(s.Unknown, TypeExpr{generic, f})
		default:
			s.LoadArgs = append(s.LoadArgs, arg)
		}
	}
	s.Unknown = append(s.Unknown, own.Unknown...)
	return true
}

// paramsOf returns the names of the type parameters of a type of the package.
func (r *reader) paramsOf(generic ast.Expr, f *File) []string {
	id, _ := ast.Unparen(generic).(*ast.Ident)
	if id == nil {
		return nil
	}
	d := r.declared(id.Name, f)
	if d == nil || d.typ == nil || d.typ.TypeParams == nil {
		return nil
	}
	var names []string
	for _, field := range d.typ.TypeParams.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// mentions reports whether a type contains one of the names.
func mentions(t ast.Expr, names []string) bool {
	found := false
	ast.Inspect(t, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && slices.Contains(names, id.Name)
		return true
	})
	return found
}

// returning returns the type of a function with one result and without parameters.
func returning(result string) *ast.FuncType {
	return &ast.FuncType{
		Params:  &ast.FieldList{},
		Results: &ast.FieldList{List: []*ast.Field{{Type: ast.NewIdent(result)}}},
	}
}

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
				o.Naming = r.structTag(p)
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

// structTag returns the value of the key options, which is the struct tag that names options.
// For a wrong value it returns the first of [rules.Namings], so that the fields are read as options
// all the same.
func (r *reader) structTag(p pair) string {
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
