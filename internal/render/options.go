package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
)

// Structs with options differ too much for templates. Their descriptions are written directly, as
// gofmt lays them out: an option is one line, and each element of a literal with several lines
// begins a line.

// optionLocals are the names of variables in functions that fill structs, unless the package
// declares them.
var optionLocals = []string{"d", "o", "p", "target", "options"}

// hasOptions reports whether the file has anything to do with options.
func (f *File) hasOptions() bool {
	return len(f.Structs)+len(f.Sections) > 0 ||
		slices.ContainsFunc(f.Specs, func(s Spec) bool { return s.Options != nil })
}

// locals returns the names that the file prefers for variables.
func (f *File) locals() []string {
	if len(f.Structs) > 0 || slices.ContainsFunc(f.Specs, func(s Spec) bool { return s.takesOptions() }) {
		return slices.Concat(locals, optionLocals)
	}
	return locals
}

// suffix returns the end of the identifiers of a struct's description in this file.
func (f *File) suffix(s *options.Struct) string {
	suffix := genfile.StructSuffix(f.Path, s)
	if n := f.Copies[s]; n > 0 {
		suffix += "_N" + strconv.Itoa(n)
	}
	if f.Slug != "" && !s.Shared {
		suffix += "_K" + f.Slug // each file has its own, since any of them may be compiled
	}
	return suffix
}

// described returns the identifier of a struct's description, or of the function that fills it,
// and the package that has it.
func (f *File) described(s *options.Struct, shared, own string) (path, name string) {
	if s.Shared {
		return s.Path, shared + s.Name
	}
	return f.Path, own + f.suffix(s)
}

// recursiveName returns the identifier of the type by which a struct's description refers to
// itself.
func (f *File) recursiveName(s *options.Struct) string { return genfile.RecursiveOptions + f.suffix(s) }

// optionTypes calls do for each type that the file writes because of options.
func (f *File) optionTypes(do func(code.Type)) {
	written := func(t *options.Type) {
		for inner := t.Elem; inner != nil && inner.Elem != nil; inner = inner.Elem {
			do(inner.Go) // the parameter of a function literal
		}
	}
	for _, s := range f.Structs {
		do(s.Go)
		for _, e := range s.Embedded {
			do(e.Elem)
		}
		for _, o := range s.Options {
			written(o.Type)
		}
	}
	for i := range f.Specs {
		if use := f.Specs[i].Options; use != nil && use.Param {
			do(use.Struct.Go)
		}
	}
}

// shared calls do for each shared struct that the file refers to.
func (f *File) shared(do func(*options.Struct)) {
	visit := func(s *options.Struct) {
		if s != nil && s.Shared {
			do(s)
		}
	}
	for _, s := range f.Structs {
		for _, p := range s.Parts {
			visit(p.Struct)
		}
		for _, o := range s.Options {
			visit(o.Type.Table())
		}
	}
	for i := range f.Specs {
		if use := f.Specs[i].Options; use != nil {
			visit(use.Struct)
		}
	}
	for _, s := range f.Sections {
		visit(s.Struct)
	}
}

// optionImports adds to the paths of packages, with their names, those that options need.
func (f *File) optionImports(found map[string]string) {
	if !f.hasOptions() {
		return
	}
	if slices.ContainsFunc(f.Structs, func(s *Struct) bool { return slices.ContainsFunc(s.Options, isMatched) }) {
		found[genfile.PatternPath] = "pattern"
	}
	f.shared(func(s *options.Struct) { found[s.Path] = s.Package })
	f.optionTypes(func(t code.Type) {
		for _, path := range t.Imports() {
			if p := path.String(); found[p] == "" {
				found[p] = standardName(p)
			}
		}
	})
	for _, s := range f.Structs {
		found[s.Path] = s.Package
	}
}

// optionNames returns the names that the file declares because of options.
func (f *File) optionNames() []string {
	var names []string
	recursive := f.recursive()
	for _, s := range f.Structs {
		_, table := f.described(s.Struct, genfile.SharedOptions, genfile.OwnOptions)
		_, fill := f.described(s.Struct, genfile.SharedFill, genfile.OwnFill)
		names = append(names, table, fill)
		if s.Root {
			names = append(names, "newOptions_"+f.suffix(s.Struct), "fillAny_"+f.suffix(s.Struct))
		}
		if recursive[s.Struct] {
			names = append(names, f.recursiveName(s.Struct))
		}
	}
	return names
}

// optionNeeds adds the predeclared names that the file can't do without because of options.
func (f *File) optionNeeds(needs predeclared) {
	if len(f.Structs) > 0 {
		needs.add("nil", "true", "string")
		f.optionTypes(func(t code.Type) { needs.addOf(t) })
	}
}

// recursive returns the structs that contain themselves, directly or not. In Go, the value of a
// variable can't refer to the variable, so their descriptions do so by a type.
func (f *File) recursive() map[*options.Struct]bool {
	found := map[*options.Struct]bool{}
	const open, done = 1, 2
	state := map[*options.Struct]int{}
	var visit func(s *options.Struct)
	visit = func(s *options.Struct) {
		state[s] = open
		for _, o := range s.Options {
			switch t := o.Type.Table(); {
			case t == nil || t.Foreign:
			case state[t] == open:
				found[t] = true
			case state[t] != done:
				visit(t)
			}
		}
		state[s] = done
	}
	for _, s := range f.Structs {
		if state[s.Struct] == 0 {
			visit(s.Struct)
		}
	}
	return found
}

// An optionWriter writes what describes and fills the structs of a file.
type optionWriter struct {
	*renderer
	generated       string // the package, and a dot
	d, o, p, target string // variables
	recursive       map[*options.Struct]bool
}

// structs writes the descriptions of the file's structs, and the functions that fill them.
func (r *renderer) structs() {
	if len(r.Structs) == 0 {
		return
	}
	w := &optionWriter{
		renderer: r, generated: r.imports[genfile.GeneratedPath] + ".", recursive: r.File.recursive(),
		d: r.free("d"), o: r.free("o"), p: r.free("p"), target: r.free("target"),
	}
	for _, s := range r.Structs {
		w.describe(s)
		w.fillFunc(s.Struct)
	}
}

// printf writes source.
func (r *renderer) printf(format string, args ...any) { fmt.Fprintf(&r.body, format, args...) }

// use returns the argument's text and records its imports.
func (r *renderer) use(f argument) string {
	if f.path != "" {
		r.used[f.path] = true
	}
	for _, path := range f.imports {
		r.used[path] = true
	}
	return f.text
}

// goType returns a type as the file writes it.
func (r *renderer) goType(t code.Type) string { return r.use(r.typ(t)) }

// tableRef returns a reference to a struct's description.
func (r *renderer) tableRef(s *options.Struct) argument {
	return r.qualified(r.described(s, genfile.SharedOptions, genfile.OwnOptions))
}

// tableName returns tableRef as text, and records its import.
func (r *renderer) tableName(s *options.Struct) string { return r.use(r.tableRef(s)) }

// fillName returns the identifier of the function that fills a struct.
func (r *renderer) fillName(s *options.Struct) string {
	return r.use(r.qualified(r.described(s, genfile.SharedFill, genfile.OwnFill)))
}

// describe writes the description of a struct.
func (w *optionWriter) describe(s *Struct) {
	table, suffix, typ := w.tableName(s.Struct), w.suffix(s.Struct), w.goType(s.Go)
	w.printf("\n// %s describes the options of %s.\nvar %s = %sOptions{\n", table, typ, table, w.generated)
	fields := []textField{{"Type", strconv.Quote(s.Go.Identity())}}
	if s.Section != "" {
		fields = append(fields, textField{"Section", strconv.Quote(s.Section)})
	}
	if len(s.Parts) > 0 {
		fields = append(fields, textField{"Embedded", w.embedded(s.Parts)})
	}
	if s.Root {
		fields = append(fields, textField{"Zero", "(*" + typ + ")(nil)"},
			textField{"New", "newOptions_" + suffix}, textField{"Fill", "fillAny_" + suffix})
	}
	if len(s.Options) > 0 {
		fields = append(fields, textField{"Options", w.optionList(s.Options)})
	}
	w.fields(fields)
	w.printf("}\n")
	if s.Root {
		w.root(s, typ)
	}
	if w.recursive[s.Struct] {
		name := w.recursiveName(s.Struct)
		w.printf("\n// %s refers to %s, which can't refer to itself.\ntype %s struct{}\n", name, table, name)
		w.printf("\nfunc (%s) Options() *%sOptions {\n\treturn &%s\n}\n", name, w.generated, table)
	}
}

// A textField is a field of a composite literal, as source.
type textField struct{ name, value string }

// fields writes fields, each on a line of its own, with their values in a column. Only the last
// may have several lines; its value is not in the column.
func (w *optionWriter) fields(all []textField) {
	width := 0
	for _, f := range all {
		if !f.multiline() {
			width = max(width, len(f.name))
		}
	}
	for _, f := range all {
		padding := " "
		if !f.multiline() {
			padding = strings.Repeat(" ", width-len(f.name)+1)
		}
		w.printf("\t%s:%s%s,\n", f.name, padding, f.value)
	}
}

func (f textField) multiline() bool { return strings.Contains(f.value, "\n") }

// root writes the functions by which a description makes and fills structs.
func (w *optionWriter) root(s *Struct, typ string) {
	suffix, anyType := w.suffix(s.Struct), "any"
	if w.names.NoAny {
		anyType = "interface{}"
	}
	w.printf("\nfunc newOptions_%s() %s {\n", suffix, anyType)
	if w.names.NoNew {
		w.printf("\tvar %s %s\n\treturn &%s\n}\n", w.o, typ, w.o)
	} else {
		w.printf("\treturn new(%s)\n}\n", typ)
	}
	w.printf("\nfunc fillAny_%s(%s *%sDecoder, %s %s) {\n\t%s(%s, %s.(*%s))\n}\n",
		suffix, w.d, w.generated, w.target, anyType, w.fillName(s.Struct), w.d, w.target, typ)
}

func (w *optionWriter) embedded(parts []options.Part) string {
	var refs []string
	for _, p := range parts {
		refs = append(refs, "&"+w.tableName(p.Struct))
	}
	return "[]*" + w.generated + "Options{" + strings.Join(refs, ", ") + "}"
}

func (w *optionWriter) optionList(all []*options.Option) string {
	var b strings.Builder
	b.WriteString("[]" + w.generated + "Option{\n")
	for _, o := range all {
		b.WriteString("\t\t{" + strings.Join(w.option(o), ", ") + "},\n")
	}
	b.WriteString("\t}")
	return b.String()
}

// option returns the fields of an option that are not zero.
func (w *optionWriter) option(o *options.Option) []string {
	var fields []string
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	text := func(name, value string) {
		if value != "" {
			add(name, strconv.Quote(value))
		}
	}
	flag := func(name string, set bool) {
		if set {
			add(name, "true")
		}
	}
	list := func(name string, list []string) {
		if len(list) > 0 {
			var quoted []string
			for _, s := range list {
				quoted = append(quoted, strconv.Quote(s))
			}
			add(name, "[]string{"+strings.Join(quoted, ", ")+"}")
		}
	}
	t := o.Type.Leaf()
	text("Name", o.Name)
	text("Type", genfile.TypeName(o.Type))
	if t.Kind == options.Text || t.Kind == options.Binary {
		text("Go", t.Go.Short())
	}
	switch {
	case t.Struct == nil:
	case w.recursive[t.Struct] && !t.Struct.Foreign:
		add("Recursive", w.recursiveName(t.Struct)+"{}")
	default:
		add("Struct", "&"+w.tableName(t.Struct))
	}
	text("Namespace", t.Namespace)
	text("TypeKey", t.TypeKey)
	text("Doc", o.Doc)
	text("Example", o.Example)
	text("Default", o.Default)
	flag("HasDefault", o.HasDefault)
	flag("Preset", o.Preset)
	for property := range o.Properties.All() {
		switch value := property.Value.(type) {
		case *bool:
			flag(property.Field, *value)
		case *string:
			text(property.Field, *value)
		case *[]string:
			list(property.Field, *value)
		}
	}
	return fields
}

// fillFunc writes the function that fills a struct.
func (w *optionWriter) fillFunc(s *options.Struct) {
	name := w.fillName(s)
	w.printf("\n// %s fills in what the decoder has for the options.\n", name)
	w.printf("func %s(%s *%sDecoder, %s *%s) {\n", name, w.d, w.generated, w.o, w.goType(s.Go))
	for _, e := range s.Embedded {
		w.allocate(e)
	}
	for _, field := range s.SetDefaults {
		w.printf("\t%s.SetDefaults()\n", w.field(field))
	}
	w.printf("\t%s.Begin()\n", w.d)
	for i, o := range s.Options {
		w.printf("\tif %s.Option(%d) {\n\t\t", w.d, i)
		w.decode(o.Type, w.leaf(o), w.field(o.Field), true, 2)
		w.printf("\n\t}\n")
	}
	for i, p := range s.Parts {
		w.printf("\tif %s.Embed(%d) {\n\t\t%s(%s, %s)\n\t}\n",
			w.d, i, w.fillName(p.Struct), w.d, w.address(p.Field, p.Pointer))
	}
	w.printf("\t%s.End()\n", w.d)
	for _, field := range s.Validates {
		w.printf("\t%sValidate(%s, %s)\n", w.generated, w.d, w.address(field, isPointer(s, field)))
	}
	w.printf("}\n")
}

// isPointer reports whether an embedded struct of a struct is a pointer.
func isPointer(s *options.Struct, field []string) bool {
	return len(field) == 0 || slices.ContainsFunc(s.Embedded,
		func(e options.Embedded) bool { return slices.Equal(e.Field, field) })
}

// allocate writes a statement that makes an embedded struct if the pointer to it is nil.
func (w *optionWriter) allocate(e options.Embedded) {
	field, typ := w.field(e.Field), w.goType(e.Elem)
	w.printf("\tif %s == nil {\n", field)
	if w.names.NoNew {
		w.printf("\t\tvar %s %s\n\t\t%s = &%s\n\t}\n", w.p, typ, field, w.p)
	} else {
		w.printf("\t\t%s = new(%s)\n\t}\n", field, typ)
	}
}

// field returns the selector of a field of the struct, the struct itself for none.
func (w *optionWriter) field(path []string) string {
	field := w.o
	for _, name := range path {
		id, err := code.ParseIdent(name)
		if err != nil {
			w.err = err
		}
		field += "." + id.String()
	}
	return field
}

// address returns a pointer to a field, which may be one.
func (w *optionWriter) address(path []string, pointer bool) string {
	if pointer {
		return w.field(path)
	}
	return "&" + w.field(path)
}

// decode writes the call that decodes a value of the type into a variable, or if that is not
// addressable, into what it points to. leaf is the function that decodes the leaf of the type.
func (w *optionWriter) decode(t *options.Type, leaf, variable string, addressable bool, indent int) {
	target := variable
	if addressable {
		target = "&" + variable
	}
	if t.Elem == nil {
		w.printf("%s(%s, %s)", w.element(t, leaf), w.d, target)
		return
	}
	if t.Kind == options.Array {
		target = variable + "[:]"
	}
	w.printf("%s%s(%s, %s, ", w.generated, decoders[t.Kind], w.d, target)
	if t.Elem.Elem == nil {
		w.printf("%s)", w.element(t.Elem, leaf))
		return
	}
	tabs := strings.Repeat("\t", indent)
	w.printf("func(%s *%sDecoder, %s *%s) {\n%s\t", w.d, w.generated, w.p, w.goType(t.Elem.Go), tabs)
	w.decode(t.Elem, leaf, w.p, false, indent+1)
	w.printf("\n%s})", tabs)
}

// element returns the function that decodes a leaf: that of its struct, if it is a table.
func (w *optionWriter) element(t *options.Type, leaf string) string {
	if t.Struct != nil {
		return w.fillName(t.Struct)
	}
	return leaf
}

// leaf returns the function that decodes the leaf of an option's type, if it is no table.
func (w *optionWriter) leaf(o *options.Option) string {
	switch t := o.Type.Leaf(); {
	case isMatched(o):
		w.used[genfile.PatternPath] = true
		return w.imports[genfile.PatternPath] + ".String"
	case t.Number != options.Invalid && o.Min+o.Max != "":
		return w.generated + "TextNumber"
	default:
		return w.generated + decoders[t.Kind]
	}
}

// decoders are the functions of package generated that decode values of a kind.
var decoders = map[options.Kind]string{
	options.Bool: "Bool", options.String: "String", options.Int: "Int", options.Uint: "Uint",
	options.Float: "Float", options.Duration: "Duration", options.Text: "Text", options.Binary: "Binary",
	options.Any: "Any", options.Tree: "Tree", options.RawJSON: "RawJSON", options.Plugin: "Plugin",
	options.Pointer: "Pointer", options.List: "List", options.Array: "Array", options.Map: "Map",
}

// isMatched reports whether an option, or each element of it, is a string with a pattern.
func isMatched(o *options.Option) bool {
	return o.Type.Leaf().Kind == options.String && o.Pattern != ""
}
