package reference

import (
	"encoding/json"
	"strconv"
)

// Schemas are encoded by hand: encoding/json would process each schema again for every schema
// that contains it, which for a thousand plugins takes longer than reading their source.

// append appends the schema in JSON. newline is a line break and the indentation of the line
// that the schema begins in.
func (s *schema) append(b []byte, newline string) []byte {
	if s.never {
		return append(b, "false"...)
	}
	o := object{append(b, '{'), newline, newline + "  ", true}
	o.text("$schema", s.Dialect)
	o.text("$ref", s.Ref)
	o.text("title", s.Title)
	o.text("description", s.Description)
	o.flag("deprecated", s.Deprecated)
	o.flag("writeOnly", s.WriteOnly)
	switch len(s.Type) {
	case 0:
	case 1:
		o.text("type", s.Type[0])
	default:
		o.raw("type", texts(s.Type))
	}
	if s.Const != nil {
		o.raw("const", s.Const)
	}
	o.list("enum", s.Enum)
	if s.Default != nil {
		o.raw("default", s.Default)
	}
	o.list("examples", s.Examples)
	o.number("minimum", s.Minimum)
	o.number("maximum", s.Maximum)
	o.number("exclusiveMinimum", s.Above)
	o.number("exclusiveMaximum", s.Below)
	o.length("minLength", s.MinLength)
	o.length("maxLength", s.MaxLength)
	o.text("pattern", s.Pattern)
	o.length("minItems", s.MinItems)
	o.length("maxItems", s.MaxItems)
	o.schema("items", s.Items)
	o.properties("properties", s.Properties)
	o.properties("patternProperties", s.Patterns)
	o.length("minProperties", s.MinProps)
	o.length("maxProperties", s.MaxProps)
	o.schema("additionalProperties", s.Additional)
	if len(s.Required) > 0 {
		o.raw("required", texts(s.Required))
	}
	o.schema("not", s.Not)
	o.schemas("allOf", s.AllOf)
	o.schemas("anyOf", s.AnyOf)
	o.schemas("oneOf", s.OneOf)
	o.properties("$defs", s.Defs)
	return o.end()
}

// appendText appends a string in JSON.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return append(b, text(s)...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// texts returns a list of strings in JSON, in one line.
func texts(list []string) json.RawMessage {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, text(s)...)
	}
	return append(b, ']')
}

// An object is a JSON object that is being written.
type object struct {
	b               []byte
	newline, inside string // line breaks with the indentation of the object, and of what is in it
	empty           bool
}

// key begins a member.
func (o *object) key(name string) {
	if !o.empty {
		o.b = append(o.b, ',')
	}
	o.empty = false
	o.b = append(o.b, o.inside...)
	o.b = append(appendText(o.b, name), ": "...)
}

func (o *object) raw(name string, value json.RawMessage) {
	o.key(name)
	o.b = append(o.b, value...)
}

func (o *object) text(name, value string) {
	if value != "" {
		o.key(name)
		o.b = appendText(o.b, value)
	}
}

func (o *object) flag(name string, value bool) {
	if value {
		o.raw(name, json.RawMessage("true"))
	}
}

func (o *object) number(name string, value json.Number) {
	if value != "" {
		o.raw(name, json.RawMessage(value))
	}
}

func (o *object) length(name string, value *int) {
	if value != nil {
		o.raw(name, strconv.AppendInt(nil, int64(*value), 10))
	}
}

func (o *object) list(name string, values []json.RawMessage) {
	if len(values) == 0 {
		return
	}
	o.key(name)
	o.b = append(o.b, '[')
	for i, v := range values {
		if i > 0 {
			o.b = append(o.b, ", "...)
		}
		o.b = append(o.b, v...)
	}
	o.b = append(o.b, ']')
}

func (o *object) schema(name string, s *schema) {
	if s != nil {
		o.key(name)
		o.b = s.append(o.b, o.inside)
	}
}

func (o *object) schemas(name string, list []*schema) {
	if len(list) == 0 {
		return
	}
	o.key(name)
	o.b = append(o.b, '[')
	for i, s := range list {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = append(o.b, o.inside+"  "...)
		o.b = s.append(o.b, o.inside+"  ")
	}
	o.b = append(append(o.b, o.inside...), ']')
}

func (o *object) properties(name string, list properties) {
	if len(list) == 0 {
		return
	}
	o.key(name)
	inner := object{append(o.b, '{'), o.inside, o.inside + "  ", true}
	for _, p := range list {
		if p.schema != nil {
			inner.schema(p.name, p.schema)
			continue
		}
		inner.key(p.name)
		ref := object{append(inner.b, '{'), inner.inside, inner.inside + "  ", true}
		ref.text("$ref", p.ref)
		inner.b = ref.end()
	}
	o.b = inner.end()
}

func (o *object) end() []byte {
	if !o.empty {
		o.b = append(o.b, o.newline...)
	}
	return append(o.b, '}')
}
