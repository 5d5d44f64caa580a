package migrate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// This file is about maps of structs that have a plugin and constants that describe it:
//
//	map[string]Info{"disk": {New: NewDisk, Desc: "stores on disk"}}
//
// The constants become x_ keys of the plugin, from which the struct is made again.

// A record is a struct with one field for a plugin.
type record struct {
	typ     types.Type // of the values of the map: the struct, or a pointer to it
	fields  *types.Struct
	plugin  int   // the field that has it
	written []int // the other fields that have constants in some entry
}

// newRecord returns the record that a type is, nil if it is none.
func newRecord(t types.Type) *record {
	s, ok := t.Underlying().(*types.Struct)
	if p, isPointer := t.Underlying().(*types.Pointer); isPointer {
		s, ok = p.Elem().Underlying().(*types.Struct)
	}
	if !ok {
		return nil
	}
	r := &record{typ: t, fields: s, plugin: -1}
	for i := range s.NumFields() {
		if !madeOf(s.Field(i).Type()) {
			continue
		}
		if r.plugin >= 0 { // there are several
			return nil
		}
		r.plugin = i
	}
	if r.plugin < 0 {
		return nil
	}
	return r
}

func (r *record) value() *types.Var { return r.fields.Field(r.plugin) }

// literal returns the struct that an entry of a map is, nil if it is something else.
func literal(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

// values returns what a literal has in each field.
func (r *record) values(lit *ast.CompositeLit) []ast.Expr {
	values := make([]ast.Expr, r.fields.NumFields())
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			for j := range values {
				if id, ok := kv.Key.(*ast.Ident); ok && id.Name == r.fields.Field(j).Name() {
					values[j] = kv.Value
				}
			}
			continue
		}
		values[i] = elt
	}
	return values
}

// note notes the fields that an entry gives values to.
func (r *record) note(e ast.Expr, used []bool) {
	if lit := literal(e); lit != nil {
		for i, v := range r.values(lit) {
			used[i] = used[i] || v != nil && isPlainType(r.fields.Field(i).Type())
		}
	}
}

// entry returns the plugin of an entry of a map, and the constants beside it. The reason is why
// that is not possible.
func (r *record) entry(info *types.Info, e ast.Expr) (plugin ast.Expr, extras []string, reason string) {
	lit := literal(e)
	if lit == nil {
		return nil, nil, "it is no struct literal"
	}
	values := r.values(lit)
	if plugin = values[r.plugin]; plugin == nil || isNil(info, plugin) {
		return nil, nil, "its field " + r.value().Name() + " is nil"
	}
	for i, v := range values {
		if v != nil && i != r.plugin && !isPlainType(r.fields.Field(i).Type()) {
			return nil, nil, "its field " + r.fields.Field(i).Name() + " is no string, boolean or integer"
		}
	}
	for _, i := range r.written {
		text, reason := "", ""
		if values[i] != nil {
			text, reason = constantText(info.Types[values[i]].Value, "its field "+r.fields.Field(i).Name())
		}
		if reason != "" {
			return nil, nil, reason
		}
		extras = append(extras, text)
	}
	return plugin, extras, ""
}

// constantText returns a constant as a key has it. The reason is why it can't be one.
func constantText(v constant.Value, what string) (text, reason string) {
	if v == nil {
		return "", what + " is computed"
	}
	text = v.ExactString()
	switch v.Kind() {
	case constant.String:
		text = constant.StringVal(v)
	case constant.Bool, constant.Int:
	default:
		return "", what + " is no string, boolean or integer"
	}
	return text, ""
}

// text returns the struct with the plugin and the values of the other fields in it.
func (r *record) text(typ, plugin string, extras []string) string {
	var b strings.Builder
	b.WriteString(typ + "{" + r.value().Name() + ": " + plugin)
	for i, field := range r.written {
		b.WriteString(", " + r.fields.Field(field).Name() + ": " + extras[i])
	}
	b.WriteString("}")
	return b.String()
}
