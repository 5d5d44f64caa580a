package genfile

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
)

// An optionsReader reads the descriptions of structs with options in a generated file.
type optionsReader struct {
	*reader
	found map[string]*options.Struct // those that the file describes, by identifier
	later []func() error             // resolve references, when the whole file has been read
	count int                        // of options
}

// Bounds of what is read. They are far above what people write.
const (
	maxOptionType = 500
	maxOptions    = 100_000 // of a file
)

// isOptions reports whether an identifier may be that of a description.
func isOptions(identifier string) bool {
	return strings.HasPrefix(identifier, OwnOptions) || strings.HasPrefix(identifier, SharedOptions)
}

// description reads the description of a struct, if a variable is one.
func (r *optionsReader) description(identifier string, lit *ast.CompositeLit) error {
	if !isOptions(identifier) || !r.isGenerated(lit.Type, "Options") {
		return nil
	}
	s := &options.Struct{Foreign: true, Package: r.Package, Shared: strings.HasPrefix(identifier, SharedOptions)}
	err := eachField(lit, func(name string, value ast.Expr) (err error) {
		switch name {
		case "Type":
			return r.setType(s, value)
		case "Section":
			if s.Section, err = text(value); err == nil && !rules.ValidSection(s.Section) {
				err = fmt.Errorf("%q is not a section", s.Section)
			}
		case "Options":
			s.Options, err = r.options(value)
		case "Embedded":
			err = r.embedded(s, value)
		}
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", identifier, err)
	case s.Shared && identifier != SharedOptions+s.Name:
		return fmt.Errorf("%s describes another struct, %s", identifier, s.Name)
	case s.Name == "":
		return fmt.Errorf("%s describes no type", identifier)
	}
	r.found[identifier] = s
	r.Structs = append(r.Structs, s)
	return nil
}

// setType reads the name of a described struct: its import path, a dot, its own name, and
// perhaps type arguments.
func (r *optionsReader) setType(s *options.Struct, value ast.Expr) error {
	typ, err := text(value)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(typ, "[")
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return fmt.Errorf("%q is not the name of a type", typ)
	}
	ref, err := code.ParseRef(name[:dot], "p", name[dot+1:])
	s.Path, s.Name = ref.Path.String(), ref.Name.String()
	return err
}

// isGenerated reports whether a type is the one of package generated that has the name.
func (r *reader) isGenerated(t ast.Expr, name string) bool {
	sel, ok := t.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == name && r.isOf(sel, GeneratedPath)
}

// eachField calls do for each field of a composite literal.
func eachField(lit *ast.CompositeLit, do func(name string, value ast.Expr) error) error {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return errors.New("there is a field without a name")
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok {
			return errors.New("there is a field without a name")
		}
		if err := do(key.Name, kv.Value); err != nil {
			return fmt.Errorf("%s: %w", key.Name, err)
		}
	}
	return nil
}

// text returns a string of valid UTF-8.
func text(e ast.Expr) (string, error) {
	s, err := str(e)
	if err == nil && !utf8.ValidString(s) {
		return "", errors.New("not valid UTF-8")
	}
	return s, err
}

func texts(e ast.Expr) ([]string, error) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, errors.New("not a list of string literals")
	}
	var all []string
	for _, x := range lit.Elts {
		s, err := text(x)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// options reads the list of options.
func (r *optionsReader) options(e ast.Expr) ([]*options.Option, error) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, errors.New("not a list of options")
	}
	var all []*options.Option
	for _, x := range lit.Elts {
		item, ok := x.(*ast.CompositeLit)
		if !ok {
			return nil, errors.New("not a list of options")
		}
		o, err := r.option(item)
		if err != nil {
			return nil, err
		}
		if n := len(all); n > 0 && all[n-1].Name >= o.Name {
			return nil, fmt.Errorf("option %q is not in order", o.Name)
		}
		all = append(all, o)
	}
	if r.count += len(all); r.count > maxOptions {
		return nil, fmt.Errorf("there are more than %d options", maxOptions)
	}
	return all, nil
}

// option reads one option. It ignores fields that it does not know.
func (r *optionsReader) option(lit *ast.CompositeLit) (*options.Option, error) {
	o := &options.Option{}
	leaf := new(options.Type) // the same as o.Type.Leaf() will be
	var typ, goType string
	table := false // whether it refers to a struct
	err := eachField(lit, func(name string, value ast.Expr) (err error) {
		switch name {
		case "Name":
			o.Name, err = text(value)
		case "Type":
			typ, err = text(value)
		case "Go":
			goType, err = text(value)
		case "Struct", "Recursive":
			table = true
			err = r.reference(value, func(s *options.Struct) { leaf.Struct = s })
		case "Namespace":
			leaf.Namespace, err = text(value)
		case "TypeKey":
			leaf.TypeKey, err = text(value)
		default:
			err = describe(o, name, value)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !options.IsPrintableName(o.Name) {
		return nil, fmt.Errorf("%.100q is not the name of an option", o.Name)
	}
	if o.Type, err = parseType(typ, leaf); err == nil && goType != "" {
		leaf.Go, err = parseGoType(goType)
	}
	switch {
	case err != nil:
	case table != (leaf.Kind == options.Table):
		err = errors.New("an option that is a table has a struct, and no other")
	case leaf.Kind == options.Plugin && !rules.ValidNamespace(leaf.Namespace):
		err = fmt.Errorf("%q is not a namespace", leaf.Namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("option %q: %w", o.Name, err)
	}
	return o, nil
}

// parseType returns the type with a name that a description has. leaf becomes its
// [options.Type.Leaf]; parseType sets its kind.
func parseType(s string, leaf *options.Type) (*options.Type, error) {
	if len(s) > maxOptionType {
		return nil, errors.New("its type is too long")
	}
	of := func(kind options.Kind, elem string, length int) (*options.Type, error) {
		t, err := parseType(elem, leaf)
		return &options.Type{Kind: kind, Elem: t, Len: length}, err
	}
	if elem, ok := strings.CutPrefix(s, "*"); ok {
		return of(options.Pointer, elem, 0)
	}
	if elem, ok := strings.CutPrefix(s, "[]"); ok {
		return of(options.List, elem, 0)
	}
	if elem, ok := strings.CutPrefix(s, "map[string]"); ok {
		return of(options.Map, elem, 0)
	}
	if length, ok := strings.CutPrefix(s, "["); ok {
		length, elem, _ := strings.Cut(length, "]")
		n, err := strconv.ParseUint(length, 10, 31)
		if err != nil || n > options.MaxArray {
			return nil, fmt.Errorf("%q is not a type", s)
		}
		return of(options.Array, elem, int(n))
	}
	t, ok := types[s]
	if !ok {
		return nil, fmt.Errorf("%q is not a type", s)
	}
	leaf.Kind, leaf.Bits = t.Kind, t.Bits
	return leaf, nil
}

// types are the names of leaves in descriptions.
var types = map[string]options.Type{
	"bool": {Kind: options.Bool}, "string": {Kind: options.String},
	"int": {Kind: options.Int}, "int8": {Kind: options.Int, Bits: 8}, "int16": {Kind: options.Int, Bits: 16},
	"int32": {Kind: options.Int, Bits: 32}, "int64": {Kind: options.Int, Bits: 64},
	"uint": {Kind: options.Uint}, "uint8": {Kind: options.Uint, Bits: 8}, "uint16": {Kind: options.Uint, Bits: 16},
	"uint32": {Kind: options.Uint, Bits: 32}, "uint64": {Kind: options.Uint, Bits: 64},
	"float32": {Kind: options.Float, Bits: 32}, "float64": {Kind: options.Float, Bits: 64},
	"duration": {Kind: options.Duration}, "text": {Kind: options.Text}, "any": {Kind: options.Any},
	"table": {Kind: options.Table}, "plugin": {Kind: options.Plugin},
}

// TypeName returns the name of a type as a description has it.
func TypeName(t *options.Type) string {
	switch t.Kind {
	case options.Pointer:
		return "*" + TypeName(t.Elem)
	case options.List:
		return "[]" + TypeName(t.Elem)
	case options.Array:
		return "[" + strconv.Itoa(t.Len) + "]" + TypeName(t.Elem)
	case options.Map:
		return "map[string]" + TypeName(t.Elem)
	}
	return basicName(t)
}

func basicName(t *options.Type) string {
	switch t.Kind {
	case options.Bool:
		return "bool"
	case options.String:
		return "string"
	case options.Int:
		return "int" + bits(t)
	case options.Uint:
		return "uint" + bits(t)
	case options.Float:
		return "float" + bits(t)
	case options.Duration:
		return "duration"
	case options.Text, options.Binary:
		return "text"
	case options.Table:
		return "table"
	case options.Plugin:
		return "plugin"
	}
	return "any"
}

func bits(t *options.Type) string {
	if t.Bits == 0 {
		return ""
	}
	return strconv.Itoa(t.Bits)
}

// parseGoType reads the Go type of a text, as messages have it: with the names of packages.
func parseGoType(s string) (code.Type, error) {
	imports := map[string]string{}
	for word := range strings.FieldsFuncSeq(s, func(c rune) bool {
		return c != '_' && c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	}) {
		if q, _, ok := strings.Cut(strings.TrimLeft(word, "."), "."); ok {
			imports[q] = q
		}
	}
	return code.ParseType(s, imports)
}

// reference calls use with the struct that a reference is to: &options_T, &Options_T,
// &pkg.Options_T or recursive_T{}. A struct that another file describes has only its name.
func (r *optionsReader) reference(e ast.Expr, use func(*options.Struct)) error {
	if lit, ok := e.(*ast.CompositeLit); ok {
		id, _ := lit.Type.(*ast.Ident)
		if id == nil || !strings.HasPrefix(id.Name, RecursiveOptions) {
			return errors.New("not a reference to the description of a struct")
		}
		return r.local(OwnOptions+strings.TrimPrefix(id.Name, RecursiveOptions), use)
	}
	u, ok := e.(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return errors.New("not a reference to the description of a struct")
	}
	switch x := u.X.(type) {
	case *ast.Ident:
		return r.local(x.Name, use)
	case *ast.SelectorExpr:
		pkg, ok := x.X.(*ast.Ident)
		name, isShared := strings.CutPrefix(x.Sel.Name, SharedOptions)
		if !ok || !isShared {
			break
		}
		ref, err := code.ParseRef(r.imports[pkg.Name], pkg.Name, name)
		if err != nil {
			return err
		}
		use(&options.Struct{
			Path: ref.Path.String(), Package: path.Base(ref.Path.String()), Name: name, Shared: true, Foreign: true,
		})
		return nil
	}
	return errors.New("not a reference to the description of a struct")
}

// local calls use, when the whole file has been read, with the struct that an identifier of the
// package describes.
func (r *optionsReader) local(identifier string, use func(*options.Struct)) error {
	if !isOptions(identifier) {
		return fmt.Errorf("%s is not the description of a struct", identifier)
	}
	r.later = append(r.later, func() error {
		if s := r.found[identifier]; s != nil {
			use(s)
			return nil
		}
		if name, ok := strings.CutPrefix(identifier, SharedOptions); ok {
			use(&options.Struct{Package: r.Package, Name: name, Shared: true, Foreign: true})
			return nil
		}
		for _, s := range r.found {
			if s.Shared && OwnOptions+StructSuffix(s.Path, s) == identifier {
				use(s) // a shared struct that contains itself
				return nil
			}
		}
		return fmt.Errorf("%s is not in the file", identifier)
	})
	return nil
}

// embedded reads references to the descriptions of embedded structs.
func (r *optionsReader) embedded(s *options.Struct, e ast.Expr) error {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return errors.New("not a list of descriptions")
	}
	for i, x := range lit.Elts {
		s.Parts = append(s.Parts, options.Part{})
		if err := r.reference(x, func(part *options.Struct) { s.Parts[i].Struct = part }); err != nil {
			return err
		}
	}
	return nil
}

func boolean(e ast.Expr) (bool, error) {
	if id, ok := e.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
		return id.Name == "true", nil
	}
	return false, errors.New("neither true nor false")
}

// describe reads a field of an option that is not about its type.
func describe(o *options.Option, field string, value ast.Expr) (err error) {
	switch field {
	case "Doc":
		o.Doc, err = text(value)
	case "Example":
		o.Example, err = text(value)
	case "Default":
		o.Default, err = text(value)
	case "HasDefault":
		o.HasDefault, err = boolean(value)
	case "Preset":
		o.Preset, err = boolean(value)
	default:
		err = setOptionProperty(&o.Properties, field, value)
	}
	return err
}

// setOptionProperty sets the property with a name, if it knows one.
func setOptionProperty(p *options.Properties, field string, value ast.Expr) (err error) {
	for property := range p.All() {
		if property.Field != field {
			continue
		}
		switch old := property.Value.(type) {
		case *bool:
			*old, err = boolean(value)
		case *string:
			*old, err = text(value)
		case *[]string:
			*old, err = texts(value)
		}
	}
	return err
}

// specOptions reads what the spec of a plugin says of its options.
func (r *optionsReader) specOptions(lit *ast.CompositeLit) (*options.Use, error) {
	var use *options.Use
	param := false
	err := eachField(lit, func(name string, value ast.Expr) error {
		switch name {
		case "NewWith":
			param = true
		case "Options":
			use = &options.Use{}
			return r.reference(value, func(s *options.Struct) { use.Struct = s })
		}
		return nil
	})
	if use != nil {
		use.Param = param
	}
	return use, err
}
