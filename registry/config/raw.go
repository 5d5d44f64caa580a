package config

import (
	"strconv"
	"unicode/utf8"
)

// RawJSON fills a json.RawMessage with the value, written as JSON. Tables have their keys
// sorted; dates are strings.
func RawJSON[T ~[]byte](d *Decoder, p *T) {
	if d.value.kind == text && isJSON(d.value.text) {
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

func (d *Decoder) appendJSON(b []byte, n *node) (_ []byte, ok bool) {
	switch n.kind {
	case null:
		return append(b, "null"...), true
	case boolean, integer:
		return append(b, n.text...), true
	case float:
		f, err := parseFloat(n.text)
		if err != nil {
			d.failIn(n, "expected a finite number of 64 bits")
			return b, false
		}
		return strconv.AppendFloat(b, f, 'g', -1, 64), true
	case list, table:
		return d.appendItems(b, n)
	}
	return appendString(b, n.text), true
}

func (d *Decoder) appendItems(b []byte, n *node) (_ []byte, ok bool) {
	begin, end := byte('['), byte(']')
	if n.kind == table {
		begin, end = '{', '}'
	}
	ok = true
	b = append(b, begin)
	for i := range n.items {
		if i > 0 {
			b = append(b, ',')
		}
		if n.kind == table {
			b = append(appendString(b, n.items[i].key), ':')
		}
		var good bool
		b, good = d.appendJSON(b, &n.items[i].node)
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
