package generated

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/nearest"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// The functions below fill a field from the value that the decoder stands at. They
// report what is wrong with it to the decoder. The field may then be partly filled.

type signed interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

type unsigned interface {
	~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type floating interface{ ~float32 | ~float64 }

// Bool fills a boolean. Text is one as [strconv.ParseBool] reads it.
func Bool[T ~bool](d *Decoder, p *T) {
	if v, ok := d.bool(); ok {
		*p = T(v)
	}
}

func (d *Decoder) bool() (v, ok bool) {
	switch n := d.value; n.Kind {
	case tree.Boolean:
		return n.Text == "true", true
	case tree.Text:
		if v, err := strconv.ParseBool(strings.TrimSpace(n.Text)); err == nil {
			return v, true
		}
		d.fail("expected true or false")
	default:
		d.unexpected("true or false", "")
	}
	return false, false
}

// unexpected reports a value of another kind than is wanted. hint says what to write.
func (d *Decoder) unexpected(want, hint string) {
	message := "expected " + want + ", got " + d.value.Kind.String()
	if hint != "" && !d.secret() {
		message += ": write " + hint
	}
	d.fail(message)
}

// item reports whether the value is an item of a list or a map: bounds are not for these.
func (d *Decoder) item() bool { return d.top().kind != inTable }

// String fills a string.
func String[T ~string](d *Decoder, p *T) {
	if v, ok := d.string(); ok {
		*p = T(v)
	}
}

func (d *Decoder) string() (string, bool) {
	n := d.value
	switch n.Kind {
	case tree.String:
	case tree.Text:
		if !utf8.ValidString(n.Text) {
			d.fail("not valid UTF-8")
			return "", false
		}
	case tree.Integer, tree.Float, tree.Boolean, tree.Datetime:
		d.unexpected("a string", strconv.Quote(tree.Shorten(n.Text)))
		return "", false
	default:
		d.unexpected("a string", "")
		return "", false
	}
	return n.Text, d.length(n.Text) && d.among(n.Text)
}

// length checks the bounds of a string.
func (d *Decoder) length(s string) bool {
	if d.option.Min == "" && d.option.Max == "" || d.item() {
		return true
	}
	return d.count(utf8.RuneCountInString(s), "character")
}

// count checks the bounds of a number of things.
func (d *Decoder) count(n int, what string) bool {
	o := d.option
	if d.item() {
		return true // the bounds are those of the outermost list
	}
	if low, ok := bound(o.Min, strconv.Atoi); ok && n < low {
		d.fail(fmt.Sprintf("must have at least %s, got %d", plural(low, what), n))
		return false
	}
	if high, ok := bound(o.Max, strconv.Atoi); ok && n > high {
		d.fail(fmt.Sprintf("must have at most %s, got %d", plural(high, what), n))
		return false
	}
	return true
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// among checks that a text is one of those allowed.
func (d *Decoder) among(said string) bool {
	if len(d.option.Enum) == 0 || slices.Contains(d.option.Enum, said) {
		return true
	}
	message := d.oneOf()
	if like := nearest.Name(said, d.option.Enum); like != "" && !d.secret() {
		message += " (did you mean " + like + "?)"
	}
	d.fail(message)
	return false
}

func (d *Decoder) oneOf() string { return "expected one of " + nearest.List(d.option.Enum) }

// Match fills a string that has a pattern. compile returns what matches the pattern. The
// function for generated code is String of package pattern, so that only programs
// which use patterns have the regular expressions of the standard library in them.
func Match[T ~string](d *Decoder, p *T, compile func(pattern string) (func(string) bool, error)) {
	v, ok := d.string()
	if !ok {
		return
	}
	match, err := compile(d.option.Pattern)
	switch {
	case err != nil:
		d.fail("the pattern of the option is malformed: " + err.Error())
	case !match(v):
		d.fail("does not match the pattern " + d.option.Pattern)
	default:
		*p = T(v)
	}
}

// Int fills a signed integer. A float without a fraction is one.
func Int[T signed](d *Decoder, p *T) {
	v, ok := d.int()
	if !ok {
		return
	}
	if int64(T(v)) != v {
		low, high := limits[T]()
		d.fail(fmt.Sprintf("out of range: expected an integer from %d to %d", low, high))
		return
	}
	if checked(d, v, parseInt) {
		*p = T(v)
	}
}

// limits returns the least and the greatest value of a type.
func limits[T signed]() (low, high int64) {
	high = math.MaxInt64
	for int64(T(high)) != high {
		high >>= 8
		high |= 0x7f
	}
	return -high - 1, high
}

func (d *Decoder) int() (int64, bool) {
	digits, ok := d.digits("an integer")
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		d.fail("out of range: expected an integer from -9223372036854775808 to 9223372036854775807")
	}
	return v, err == nil
}

func parseInt(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// Uint fills an unsigned integer. A float without a fraction is one.
func Uint[T unsigned](d *Decoder, p *T) {
	digits, ok := d.digits("an integer")
	if !ok {
		return
	}
	if digits == "-0" {
		digits = "0"
	}
	v, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || uint64(T(v)) != v {
		d.fail(fmt.Sprintf("out of range: expected an integer from 0 to %d", uint64(^T(0))))
		return
	}
	if checked(d, v, parseUint) {
		*p = T(v)
	}
}

func parseUint(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }

// digits returns the integer in decimal.
func (d *Decoder) digits(want string) (string, bool) {
	n := d.value
	switch n.Kind {
	case tree.Integer:
		return n.Text, true
	case tree.Text:
		said := strings.TrimPrefix(strings.TrimSpace(n.Text), "+")
		if isDecimal(said) {
			return said, true
		}
		if digits, whole, ok := integral(said); ok && whole {
			return digits, true
		}
		d.fail("expected " + want)
	case tree.Float:
		digits, whole, ok := integral(n.Text)
		if ok && whole {
			return digits, true
		}
		if ok {
			d.fail("expected " + want + ", got a number with a fraction")
			return "", false
		}
		d.unexpected(want, "")
	case tree.String:
		hint := ""
		if isDecimal(n.Text) && n.Raw == "" {
			hint = tree.Shorten(n.Text) + " without quotes"
		}
		d.unexpected(want, hint)
	default:
		d.unexpected(want, "")
	}
	return "", false
}

// isDecimal reports whether the text is an integer in decimal.
func isDecimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	for i := range len(s) {
		if !tree.IsDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// integral returns the integer that a decimal number with a point or an exponent is. ok is
// false if the text is no such number, whole if it is no integer. A number of more digits
// than any type has is returned as some that is out of range.
func integral(s string) (digits string, whole, ok bool) {
	sign := ""
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		sign, s = "-", rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		switch {
		case err == nil:
		case isDecimal(strings.TrimPrefix(s[i+1:], "+")): // out of range
			if e = math.MaxInt32; s[i+1] == '-' {
				e = math.MinInt32
			}
		default:
			return "", false, false
		}
		s, exponent = s[:i], min(max(e, math.MinInt32), math.MaxInt32)
	}
	before, after, _ := strings.Cut(s, ".")
	all := before + after
	if strings.HasPrefix(all, "-") || !isDecimal(all) {
		return "", false, false
	}
	point := len(before) + exponent // how many digits stand before the point
	significant := strings.TrimRight(all, "0")
	switch {
	case strings.TrimLeft(significant, "0") == "":
		return "0", true, true
	case len(significant) > point:
		return "", false, true
	}
	const most = 400
	zeros := min(point-len(significant), most)
	return sign + significant + strings.Repeat("0", zeros), true, true
}

// Float fills a floating-point number, with the nearest one that its type has. Infinite
// numbers and NaN are none.
func Float[T floating](d *Decoder, p *T) {
	n := d.value
	switch n.Kind {
	case tree.Integer, tree.Float, tree.Text:
	case tree.String:
		hint := ""
		if _, err := strconv.ParseFloat(n.Text, 64); err == nil && n.Raw == "" {
			hint = tree.Shorten(n.Text) + " without quotes"
		}
		d.unexpected("a number", hint)
		return
	default:
		d.unexpected("a number", "")
		return
	}
	v, err := parseFloat(strings.TrimSpace(n.Text))
	switch {
	case err == nil && !math.IsInf(float64(T(v)), 0):
		if checked(d, v, parseFloat) {
			*p = T(v)
		}
	case err == errNotFinite:
		d.fail(err.Error())
	case err == nil || isRange(err):
		d.fail("out of range: the number is too large")
	default:
		d.fail("expected a number")
	}
}

var errNotFinite = errors.New("expected a finite number")

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// parseFloat parses a decimal number.
func parseFloat(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return 0, err
	case math.IsInf(v, 0) || math.IsNaN(v):
		return 0, errNotFinite
	case strings.ContainsAny(s, "xXpP_"):
		return 0, strconv.ErrSyntax
	}
	return v, nil
}

// checked checks that a number is within the bounds of its option, and one of those
// allowed.
func checked[T int64 | uint64 | float64](d *Decoder, v T, parse func(string) (T, error)) bool {
	o := d.option
	if len(o.Enum) > 0 && !slices.ContainsFunc(o.Enum, func(allowed string) bool {
		a, err := parse(allowed)
		return err == nil && a == v
	}) {
		d.fail(d.oneOf())
		return false
	}
	if o.Min == "" && o.Max == "" || d.item() {
		return true
	}
	if low, ok := bound(o.Min, parse); ok && v < low {
		d.fail("must be at least " + o.Min)
		return false
	}
	if high, ok := bound(o.Max, parse); ok && v > high {
		d.fail("must be at most " + o.Max)
		return false
	}
	return true
}

// bound returns a bound; ok is false if there is none.
func bound[T any](s string, parse func(string) (T, error)) (v T, ok bool) {
	if s == "" {
		return v, false
	}
	v, err := parse(s)
	return v, err == nil
}

// Duration fills a [time.Duration], or a type like it, as [config.ParseDuration] reads it.
func Duration[T ~int64](d *Decoder, p *T) {
	n := d.value
	said := n.Text
	switch n.Kind {
	case tree.String:
	case tree.Text:
		said = strings.TrimSpace(said)
	case tree.Integer, tree.Float:
		d.unexpected("a duration", `a string with a unit: "`+tree.Shorten(n.Text)+`s"`)
		return
	default:
		d.unexpected("a duration such as \"1m30s\"", "")
		return
	}
	v, err := config.ParseDuration(said)
	if err != nil {
		d.fail(err.Error())
		return
	}
	if checked(d, int64(v), parseNanoseconds) {
		*p = T(v)
	}
}

func parseNanoseconds(s string) (int64, error) {
	v, err := config.ParseDuration(s)
	return int64(v), err
}

// Text fills a value that has an UnmarshalText method, from a string, an integer or a
// date.
func Text[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](d *Decoder, p *T) {
	if said, ok := d.text(); ok && d.among(said) {
		d.unmarshal(said, P(p).UnmarshalText)
	}
}

// text returns the text for UnmarshalText.
func (d *Decoder) text() (string, bool) {
	n := d.value
	switch n.Kind {
	case tree.String, tree.Integer, tree.Datetime:
	case tree.Text:
		if !utf8.ValidString(n.Text) {
			d.fail("not valid UTF-8")
			return "", false
		}
	default:
		d.unexpected("a string", "")
		return "", false
	}
	return n.Text, true
}

// unmarshal calls a method that must not keep the text.
func (d *Decoder) unmarshal(said string, method func([]byte) error) bool {
	d.scratch = append(d.scratch[:0], said...)
	err := unmarshal(d.scratch, method)
	if err == nil {
		return true
	}
	what := "value "
	if d.option.Go != "" {
		what = "no valid " + d.option.Go + ": "
	}
	d.refuse(what, err)
	return false
}

func unmarshal(said []byte, method func([]byte) error) (err error) {
	returned := false
	defer func() {
		if !returned {
			err = panicked(recover())
		}
	}()
	err = method(said)
	returned = true
	return err
}

// TextNumber is Text for a number, which can have bounds. These are read by UnmarshalText
// too.
func TextNumber[T signed | unsigned | floating, P interface {
	*T
	encoding.TextUnmarshaler
}](d *Decoder, p *T) {
	said, ok := d.text()
	if !ok || !d.among(said) {
		return
	}
	var v T
	if !d.unmarshal(said, P(&v).UnmarshalText) {
		return
	}
	o := d.option
	if (o.Min != "" || o.Max != "") && !d.item() {
		var low, high T
		switch {
		case o.Min != "" && unmarshal([]byte(o.Min), P(&low).UnmarshalText) == nil && v < low:
			d.fail("must be at least " + o.Min)
			return
		case o.Max != "" && unmarshal([]byte(o.Max), P(&high).UnmarshalText) == nil && v > high:
			d.fail("must be at most " + o.Max)
			return
		}
	}
	*p = v
}

// Binary is Text for a type that has UnmarshalBinary instead, such as [net/url.URL].
func Binary[T any, P interface {
	*T
	encoding.BinaryUnmarshaler
}](d *Decoder, p *T) {
	if said, ok := d.text(); ok && d.among(said) {
		d.unmarshal(said, P(p).UnmarshalBinary)
	}
}

// Any fills a field with whatever the value is: nil, bool, int64, uint64, float64, string,
// []any or map[string]any. Dates are strings.
func Any(d *Decoder, p *any) {
	if d.value.Kind == tree.Text && isJSON(d.value.Text) {
		parsed := d.parse()
		if parsed == nil {
			return
		}
		d.value = parsed
	}
	if v, ok := d.any(d.value); ok {
		*p = v
	}
}

// any returns what a node is.
func (d *Decoder) any(n *tree.Node) (any, bool) {
	switch n.Kind {
	case tree.Null:
		return nil, true
	case tree.Boolean:
		return n.Text == "true", true
	case tree.Integer:
		if i, err := strconv.ParseInt(n.Text, 10, 64); err == nil {
			return i, true
		}
		if u, err := strconv.ParseUint(n.Text, 10, 64); err == nil {
			return u, true
		}
		d.failIn(n, "out of range: the integer has more than 64 bits")
	case tree.Float:
		f, err := parseFloat(n.Text)
		if err == nil {
			return f, true
		}
		d.failIn(n, "expected a finite number of 64 bits")
	case tree.List:
		all := make([]any, len(n.Items))
		ok := true
		for i := range n.Items {
			v, good := d.any(&n.Items[i].Node)
			all[i], ok = v, ok && good
		}
		return all, ok
	case tree.Table:
		all := make(map[string]any, len(n.Items))
		ok := true
		for i := range n.Items {
			v, good := d.any(&n.Items[i].Node)
			all[n.Items[i].Key], ok = v, ok && good
		}
		return all, ok
	default:
		return n.Text, true
	}
	return nil, false
}

// failIn reports an error about a value within the one that the decoder stands at.
func (d *Decoder) failIn(n *tree.Node, message string) {
	whole := d.value
	d.value = n
	d.fail(message)
	d.value = whole
}

// Tree fills a field with the value as it is in the configuration.
func Tree(d *Decoder, p *config.Value) { *p = d.at() }

// at returns the value that the decoder stands at.
func (d *Decoder) at() config.Value {
	n := *d.value // which may be in a frame
	return valueOf(&n, d.from, d.path())
}

// Pointer fills a new value, by elem; with null the pointer is nil.
func Pointer[T any](d *Decoder, p **T, elem func(*Decoder, *T)) {
	if d.value.Kind == tree.Null {
		*p = nil
		return
	}
	v := new(T)
	elem(d, v)
	*p = v
}

// List fills a list, each item by elem. Text is split at commas, unless it is a JSON
// array.
func List[S ~[]T, T any](d *Decoder, p *S, elem func(*Decoder, *T)) {
	n := d.items()
	if n == nil || !d.item() && !d.count(len(n.Items), "item") {
		return
	}
	all := make(S, len(n.Items))
	fillItems(d, n, all, elem)
	*p = all
}

// Array fills an array, which has to have as many items.
func Array[T any](d *Decoder, p []T, elem func(*Decoder, *T)) {
	n := d.items()
	if n == nil {
		return
	}
	if len(n.Items) != len(p) {
		d.fail(fmt.Sprintf("expected a list of %s, got %d", plural(len(p), "item"), len(n.Items)))
		return
	}
	fillItems(d, n, p, elem)
}

func fillItems[T any](d *Decoder, n *tree.Node, all []T, elem func(*Decoder, *T)) {
	o := d.option
	d.push(inList, n)
	for i := range n.Items {
		d.top().index = i
		d.value, d.option = &n.Items[i].Node, o
		elem(d, &all[i])
	}
	d.pop()
}

// items returns the value as a list, or reports that it is none and returns nil.
func (d *Decoder) items() *tree.Node {
	n := d.value
	if n.Kind != tree.Text || isJSON(n.Text) {
		return d.container(tree.List)
	}
	said := strings.TrimSpace(n.Text)
	all := &tree.Node{Kind: tree.List, File: n.File}
	for item := range strings.SplitSeq(said, ",") {
		if said == "" {
			break
		}
		item = strings.TrimSpace(item)
		made := tree.Node{Kind: tree.Text, Text: item, File: n.File}
		all.Items = append(all.Items, tree.Entry{File: n.File, Node: made})
		if item != "" && d.secret() {
			d.secrets = append(d.secrets, item)
		}
	}
	return all
}

// Map fills a map, each value by elem. What the map has for other names stays.
func Map[M ~map[K]T, K ~string, T any](d *Decoder, p *M, elem func(*Decoder, *T)) {
	n := d.container(tree.Table)
	if n == nil || !d.item() && !d.count(len(n.Items), "item") {
		return
	}
	all := make(M, len(*p)+len(n.Items))
	for k, v := range *p {
		all[k] = v
	}
	o := d.option
	d.push(inMap, n).inside = true
	v := new(T)
	for i := range n.Items {
		e := &n.Items[i]
		d.top().key = e.Key
		d.value, d.option = &e.Node, o
		*v = all[K(e.Key)]
		before := len(d.children)
		elem(d, v)
		all[K(e.Key)] = *v
		if len(d.children) > before { // which are assigned to *v later
			made := v
			d.after = append(d.after, func() { all[K(e.Key)] = *made })
			v = new(T)
		}
	}
	d.pop()
	*p = all
}

// Plugin fills a field with a plugin, which is made when the struct is filled: the plugin
// that the type of the table names, with the rest of the table as its options. Text is the
// name of a plugin without further options.
func Plugin[P any](d *Decoder, p *P) {
	o := d.option
	c := &Child{Namespace: o.Namespace, TypeKey: o.typeKey(), Value: d.at(), secret: d.secret()}
	if n := d.value; n.Kind == tree.Text && !isJSON(n.Text) {
		c.at, c.bare = nodeOf(c.Value), true
		c.Value = valueOf(&tree.Node{Kind: tree.Table, File: n.File}, d.from, c.Value.Path())
	} else if n = d.container(tree.Table); n != nil {
		c.at, c.Value = n.Get(c.TypeKey), valueOf(n, d.from, c.Value.Path())
	} else {
		return
	}
	if d.nameChild(c) {
		c.assign = func(made any) error { return assign(p, made) }
		d.children = append(d.children, c)
	}
}

// nameChild sets the name of a plugin that is an option.
func (d *Decoder) nameChild(c *Child) bool {
	if c.at == nil {
		message := fmt.Sprintf("%s is missing: it says which plugin of %s this is", c.TypeKey, c.Namespace)
		if like := nearest.Name(c.TypeKey, c.Value.Keys()); like != "" {
			message += " (did you mean it by " + like + "?)"
		}
		d.fail(message)
		return false
	}
	if c.at.Kind != tree.String && c.at.Kind != tree.Text || c.at.Text == "" {
		d.add(c.Fail("expected the name of a plugin of "+c.Namespace, nil))
		return false
	}
	c.Name = c.at.Text
	c.Option = strings.TrimPrefix(strings.TrimPrefix(c.Value.Path(), d.base), ".")
	return true
}

// assign sets an option to a plugin. Functions may be of another type than the option.
func assign[P any](p *P, made any) error {
	if v, ok := made.(P); ok {
		*p = v
		return nil
	}
	if v, want := reflect.ValueOf(made), reflect.TypeFor[P](); want.Kind() == reflect.Func &&
		v.Kind() == reflect.Func && v.CanConvert(want) {
		*p = v.Convert(want).Interface().(P)
		return nil
	}
	return fmt.Errorf("the plugin is a %T, the option is a %v", made, reflect.TypeFor[P]())
}
