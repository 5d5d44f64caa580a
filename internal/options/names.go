package options

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// fieldsOf returns the options that a field of a struct declares: one for each of its names,
// or none. tag is its plugin tag, nil if it has none. naming is the struct tag that names
// options, "" if only plugin tags do.
//
// Struct tags mean what they mean to the libraries that read them. A field is left out if
// its tag is "-", or if it is not exported. One without a name in the tag is called:
//
//   - toml, json, mapstructure: as in Go. These libraries do not mind the case of
//     letters, so that the name in lower case is another name of the option; for toml,
//     where some do not mind underscores either, so is the name in snake_case.
//   - yaml: as in Go, in lower case.
//
// The options of an embedded struct without a name are those of the struct that embeds it,
// for yaml and mapstructure only if the tag says inline or squash; these words do the same
// for a field that is not embedded.
func fieldsOf(f *ast.Field, tag *annotate.OptionTag, naming string) []field {
	names := f.Names
	embedded := len(names) == 0
	if embedded {
		id := embeddedName(f.Type)
		if id == nil {
			return nil
		}
		names = []*ast.Ident{id}
	}
	var all []field
	for _, id := range names {
		one := field{
			Field: f, id: id.Name, embedded: embedded, tag: tag,
			span: annotate.Span{Pos: id.Pos(), End: id.End()},
		}
		option := tag.Get("option")
		switch {
		case naming != "" && !one.byTag(naming) && option == nil:
			continue
		case naming == "" && option == nil && tag == nil:
			continue
		case naming == "" && option == nil:
			one.invalid = "its tag has no key option: add it"
		}
		if option != nil && len(option.Values) > 0 {
			one.name, one.squash, one.named, one.others = option.Values[0].Text, false, true, nil
		}
		if naming == "" && option != nil {
			one.squash = embedded && option.Values == nil
		}
		if one.name == "" {
			one.name = rules.SnakeCase(one.id)
		}
		all = append(all, one)
	}
	return all
}

// embeddedName returns the name of an embedded field, or nil.
func embeddedName(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.SelectorExpr:
			return x.Sel
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

// byTag sets what the struct tag of a library says of a field, and reports whether it is an
// option to that library.
func (f *field) byTag(naming string) bool {
	value, _ := rules.LookupTag(f.Tag, naming)
	name, rest, _ := strings.Cut(value, ",")
	if naming == "toml" { // some of its libraries leave out spaces, and no key has any
		name = strings.TrimSpace(name)
	}
	flags := strings.Split(rest, ",")
	if value == "-" || naming != "json" && name == "-" {
		return false
	}
	exported := token.IsExported(f.id)
	if !exported && (!f.embedded || name != "") || f.id == "_" {
		return false
	}
	if slices.Contains(flags, "remain") || slices.Contains(flags, "inline") && isMap(f.Type) {
		f.named, f.name = true, f.id
		f.invalid = "it takes all that no other field does, and unknown options are errors: write " + naming + `:"-"`
		return exported
	}
	f.name, f.named = name, name != ""
	switch naming {
	case "yaml":
		f.squash = slices.Contains(flags, "inline")
	case "mapstructure":
		f.squash = slices.Contains(flags, "squash")
	default:
		f.squash = f.embedded && name == ""
	}
	if !exported && !f.squash {
		return false
	}
	if name == "" {
		f.name = f.id
		lower := strings.ToLower(f.id)
		switch {
		case naming == "yaml":
			f.name = lower
		case lower != f.id:
			f.others = append(f.others, lower)
		}
		if snake := rules.SnakeCase(f.id); naming == "toml" && snake != lower {
			f.others = append(f.others, snake)
		}
	}
	return true
}

func isMap(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.MapType)
	return ok
}
