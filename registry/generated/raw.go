package generated

import (
	"strconv"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// RawJSON fills a json.RawMessage with the value, written as JSON. Tables have their keys
// sorted; dates are strings.
func RawJSON[T ~[]byte](d *Decoder, p *T) {
	if d.value.Kind == tree.Text && isJSON(d.value.Text) {
		parsed := d.parse()
		if parsed == nil {
			return
		}
		d.value = parsed
	}
	if b, ok := d.appendJSON(nil, d.value); ok {
		*p = b
	}
}

func (d *Decoder) appendJSON(b []byte, n *tree.Node) (_ []byte, ok bool) {
	switch n.Kind {
	case tree.Null:
		return append(b, "null"...), true
	case tree.Boolean, tree.Integer:
		return append(b, n.Text...), true
	case tree.Float:
		f, err := parseFloat(n.Text)
		if err != nil {
			d.failIn(n, "expected a finite number of 64 bits")
			return b, false
		}
		return strconv.AppendFloat(b, f, 'g', -1, 64), true
	case tree.List, tree.Table:
		return d.appendItems(b, n)
	}
	return appendString(b, n.Text), true
}

func (d *Decoder) appendItems(b []byte, n *tree.Node) (_ []byte, ok bool) {
	begin, end := byte('['), byte(']')
	if n.Kind == tree.Table {
		begin, end = '{', '}'
	}
	ok = true
	b = append(b, begin)
	for i := range n.Items {
		if i > 0 {
			b = append(b, ',')
		}
		if n.Kind == tree.Table {
			b = append(appendString(b, n.Items[i].Key), ':')
		}
		var good bool
		b, good = d.appendJSON(b, &n.Items[i].Node)
		ok = ok && good
	}
	return append(b, end), ok
}

// appendString appends a string of JSON. It escapes no more than JSON requires.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
