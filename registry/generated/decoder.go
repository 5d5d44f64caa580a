package generated

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/nearest"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// A Decoder fills a struct from a part of the configuration. plugingen writes functions
// that use it, such as the field Fill of [Options]; others need it only for what a plugin
// decodes by hand.
//
// A function that fills a struct calls Begin, then for each option in order Option and,
// if that reports true, the function for the field's type, and then End and [Validate].
// The fields of options that are not given, and have no default, are left alone.
//
// All errors are collected. A Decoder is not safe for concurrent use, and must not be
// used after the function that it was passed to has returned.
type Decoder struct {
	options *Options // of the outermost table
	base    string   // its path
	from    *tree.Root
	env     *tree.Environment
	ignored []string // names of the outermost table that are no options
	check   bool     // do not call Validate methods

	missing tree.Node  // is decoded if there is no configuration
	value   *tree.Node // what the next function reads
	option  *Option    // what value is the value of
	embed   *Options
	frames  []frame // the tables, lists and maps around value
	name    []byte  // what variables of the innermost frame begin with
	failed  int     // how many errors there were before the table that End has closed

	errs     config.Errors
	panic    error // of a method of the struct that no function has called for the decoder
	dropped  int   // errors that are too many
	warnings config.Errors
	hiding
	reasons  []reason
	inherits bool       // all options are those of a secret
	whole    *tree.Node // the outermost value
	children []*Child
	after    []func() // to be run when the children have been made, inner ones first
	maker    any
	finish   func(*Decoder) error // set by Begin, so that programs without options need not have it
	scratch  []byte               // the text that UnmarshalText is given
}

// A frame is a table, list or map that is being decoded.
type frame struct {
	kind    frameKind
	embed   bool // the struct is embedded in that of the frame below
	broken  bool // the value is no table: no more needs to be said of it
	secret  bool
	options *Options // of a table
	node    *tree.Node
	at      int        // the next entry of a table
	matched int        // how many entries are options
	index   int        // of the item, in a list
	key     string     // of the value that the decoder stands at, in a table or a map
	inside  bool       // it stands at such a value, not at the frame itself
	value   *tree.Node // what the decoder stood at before
	option  *Option    // of that
	failed  int        // how many errors there were
	named   int        // the length of Decoder.name before
	vars    []tree.Variable
	given   tree.Node // the default of an option, or an empty table for one that is not given
}

type frameKind uint8

const (
	inTable frameKind = iota
	inList
	inMap
)

// defaults is where the values of defaults come from.
var defaults = tree.Origin{Name: "default"}

// spare is a decoder that is not in use, or nil. It is no sync.Pool, whose interfaces
// would make the linker keep the methods of what a Decoder has.
var spare atomic.Pointer[Decoder]

func newDecoder() *Decoder {
	if d := spare.Swap(nil); d != nil {
		return d
	}
	return new(Decoder)
}

// reset makes a decoder as good as new, and forgets all values.
func (d *Decoder) reset() {
	clear(d.frames[:cap(d.frames)])
	clear(d.secrets)
	clear(d.scratch[:cap(d.scratch)])
	*d = Decoder{
		hiding: hiding{d.secrets[:0]},
		frames: d.frames[:0], name: d.name[:0], scratch: d.scratch[:0],
	}
}

// Format writes nothing of what the decoder has read.
func (d Decoder) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "generated.Decoder") }

// top returns the innermost frame.
func (d *Decoder) top() *frame { return &d.frames[len(d.frames)-1] }

// push begins a table, list or map: the value that the decoder stands at.
func (d *Decoder) push(kind frameKind, n *tree.Node) *frame {
	i := len(d.frames)
	if i < cap(d.frames) {
		d.frames = d.frames[:i+1]
	} else {
		d.frames = append(d.frames, frame{})
	}
	f := &d.frames[i]
	*f = frame{
		kind: kind, node: n, value: d.value, option: d.option,
		failed: d.failures(), named: len(d.name),
	}
	if i == 0 {
		f.secret = d.inherits
		d.prepare(f)
		return f
	}
	below := &d.frames[i-1]
	f.secret = below.secret || d.option != nil && d.option.Secret
	if len(below.vars) > 0 {
		d.extend(below)
		f.vars = tree.Narrow(below.vars, d.name)
	}
	return f
}

// prepare prepares the outermost frame.
func (d *Decoder) prepare(f *frame) {
	d.finish = (*Decoder).end
	if d.env == nil || d.env.Prefix == "" {
		return
	}
	d.name = append(d.name, d.env.Prefix...)
	d.name = tree.AppendPath(d.name, d.base)
	f.vars = tree.Narrow(d.env.Vars, d.name)
}

// extend adds where a frame is to the name of variables.
func (d *Decoder) extend(f *frame) {
	switch {
	case f.kind == inList:
		d.name = strconv.AppendInt(d.name, int64(f.index), 10)
	case !f.inside: // an embedded struct
		return
	default:
		d.name = tree.AppendName(d.name, f.key)
	}
	d.name = append(d.name, '_')
}

// pop ends a table, list or map.
func (d *Decoder) pop() {
	f := d.top()
	d.value, d.option, d.name = f.value, f.option, d.name[:f.named]
	d.frames = d.frames[:len(d.frames)-1]
}

// Begin opens the value that the decoder stands at as the table of a struct.
func (d *Decoder) Begin() {
	if d.embed != nil {
		below := d.top()
		f := d.push(inTable, below.node)
		f.options, f.embed, f.broken, d.embed = d.embed, true, false, nil
		return
	}
	options := d.options
	if len(d.frames) > 0 {
		options = d.option.Table()
	}
	n := d.container(tree.Table)
	f := d.push(inTable, n)
	f.options = options
	if n == nil {
		f.broken, f.node = true, &noTable
		f.failed-- // the error is that of this table
	}
}

// noTable is decoded if a value is none.
var noTable = tree.Node{Kind: tree.Table}

// container returns the value as a list or a table, or reports that it is none and returns nil.
func (d *Decoder) container(want tree.Kind) *tree.Node {
	n := d.value
	switch {
	case n.Kind == want:
		return n
	case n.Kind == tree.Null && want == tree.Table && len(d.frames) == 0: // "objects:" in YAML
		return &tree.Node{Kind: tree.Table, File: n.File, Line: n.Line, Col: n.Col}
	case n.Kind == tree.Text && isJSON(n.Text):
		parsed := d.parse()
		if parsed != nil && parsed.Kind != want {
			d.fail(fmt.Sprintf("expected %v, got %v", want, parsed.Kind))
			return nil
		}
		return parsed
	}
	if want == tree.List {
		d.fail("expected a list, got " + n.Kind.String())
		return nil
	}
	message := "expected a table, got " + n.Kind.String()
	if n.Kind == tree.List && len(d.frames) == 0 {
		message += ": there can be one " + d.base + " only"
	}
	d.fail(message)
	return nil
}

// isJSON reports whether text is a list or a table in JSON.
func isJSON(said string) bool {
	said = strings.TrimSpace(said)
	return said != "" && (said[0] == '[' || said[0] == '{')
}

// parse returns the value of text in JSON, or reports what is wrong with it and returns nil.
func (d *Decoder) parse() *tree.Node {
	v, err := valueOf(d.value, nil, "").ParseJSON()
	if err != nil {
		message := "malformed JSON"
		if e, ok := err.(*config.Error); ok && !d.secret() { // which may be a name in it
			message += ": " + e.Message
		}
		d.fail(message)
		return nil
	}
	parsed := nodeOf(v)
	if d.secret() {
		d.remember(parsed)
	}
	return parsed
}

// Option moves to an option of the table, and reports whether there is a value for it: one
// that was given, or that of an environment variable, or a default. A table that is no
// pointer always has one.
func (d *Decoder) Option(i int) bool {
	f := d.top()
	o := &f.options.Options[i]
	f.key, f.inside, d.option = o.Name, true, o
	if f.broken {
		return false
	}
	d.value = d.given(f, o)
	if d.env != nil {
		if v := d.variable(f, o); v != nil {
			d.value = v
		}
	}
	if d.value == nil {
		return d.absent(f, o)
	}
	if o.Secret || f.secret {
		d.remember(d.value)
	}
	return true
}

// given returns what the table has for an option, or nil.
func (d *Decoder) given(f *frame, o *Option) *tree.Node {
	items := f.node.Items
	for f.at < len(items) && items[f.at].Key < o.Name {
		f.at++
	}
	var e *tree.Entry
	if f.at < len(items) && items[f.at].Key == o.Name {
		e = &items[f.at]
		f.at++
		f.matched++
	}
	if len(o.Aliases) > 0 {
		e = d.alias(f, o, e)
	}
	if e == nil {
		return nil
	}
	if o.Deprecated != "" {
		d.warn(e.File, e.Line, e.Col, deprecated(o))
	}
	return &e.Node
}

// alias returns what a table has for an option by its name or an old one.
func (d *Decoder) alias(f *frame, o *Option, e *tree.Entry) *tree.Entry {
	for _, alias := range o.Aliases {
		i, ok := f.node.Find(alias)
		if !ok {
			continue
		}
		other := &f.node.Items[i]
		f.matched++
		if e != nil {
			key := f.key
			f.key = alias
			d.failAt(other, fmt.Sprintf("given twice: %q is another name of %q; remove it", alias, e.Key))
			f.key = key
			continue
		}
		e, f.key = other, alias
		if o.Deprecated == "" {
			d.warn(e.File, e.Line, e.Col, fmt.Sprintf("the option is called %q now", o.Name))
		}
	}
	return e
}

// absent decides about an option that is not given.
func (d *Decoder) absent(f *frame, o *Option) bool {
	switch {
	case o.HasDefault && !o.Preset:
		f.given = tree.Node{Kind: tree.Text, Text: o.Default, File: &defaults}
		d.value = &f.given
		return true
	case o.Required:
		d.require(f, o)
		return false
	case o.Type == "table", o.Type == "*table" && d.env != nil && d.sets(o.Table(), f.vars, o.Name, len(d.frames)):
		f.given = tree.Node{Kind: tree.Table, File: f.node.File, Line: f.node.Line, Col: f.node.Col}
		d.value = &f.given
		return true
	}
	return false
}

// require reports a required option that is not given.
func (d *Decoder) require(f *frame, o *Option) {
	message := "a required option is missing: set it"
	switch {
	case d.env == nil:
	case o.Env != "":
		message += ", or the environment variable " + o.Env
	case d.env.Prefix != "":
		message += ", or the environment variable " + d.env.NameOf(d.path())
	}
	d.add(refuse(f.node, d.path(), message))
}

// Embed moves to an embedded struct that is described elsewhere, whose options stand in
// the same table. It is called between Begin and End.
func (d *Decoder) Embed(i int) bool {
	f := d.top()
	f.inside, d.option, d.value = false, f.option, f.node
	if f.broken {
		return false
	}
	d.embed = f.options.Embedded[i]
	return true
}

// End closes the table, and reports the names in it that are no options.
func (d *Decoder) End() {
	f := d.top()
	f.inside = false
	if !f.embed && !f.broken && (f.matched < len(f.node.Items) || len(f.options.Embedded) > 0) {
		d.unknown(f)
	}
	d.failed = f.failed
	d.pop()
}

// unknown reports the names of a table that are no options.
func (d *Decoder) unknown(f *frame) {
	for i := range f.node.Items {
		e := &f.node.Items[i]
		if f.options.named(e.Key) != nil || len(d.frames) == 1 && slices.Contains(d.ignored, e.Key) {
			continue
		}
		if d.full() {
			continue
		}
		f.key, f.inside = e.Key, true
		names := f.options.names(nil)
		message := "unknown option"
		switch like := nearest.Name(e.Key, names); {
		case like != "":
			message += " (did you mean " + like + "?)"
		case len(names) == 0:
			message += "; there are none"
		default:
			slices.Sort(names)
			message += "; there are " + nearest.List(names)
		}
		d.failAt(e, message)
	}
	f.inside = false
}

// end concludes a decoding.
func (d *Decoder) end() error {
	if d.panic != nil {
		d.refuse("", d.panic)
	}
	if d.dropped > 0 {
		more := *d.errs[len(d.errs)-1] // whose place in the order of errors it has
		more.Path, more.Message, more.Snippet, more.Err = d.base, plural(d.dropped, "more error"), "", nil
		d.errs = append(d.errs, &more)
	}
	d.hideReasons()
	for _, e := range d.errs {
		d.redact(e, d.base)
	}
	err := sorted(d.errs)
	if len(d.children) == 0 {
		return err
	}
	d.passSecrets()
	m, ok := d.maker.(Maker)
	switch {
	case !ok:
		return config.Join(err, errNoMaker)
	case err != nil:
		return config.Join(err, m.CheckPlugins(d.children))
	}
	if err := m.MakePlugins(d.children); err != nil {
		return err
	}
	for _, set := range d.after {
		set()
	}
	return nil
}
