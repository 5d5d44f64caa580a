package generated

import (
	"slices"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// variable returns the value that the environment has for an option, or nil. An empty
// variable is as good as none.
func (d *Decoder) variable(f *frame, o *Option) *tree.Node {
	if d.value != nil && d.value.File != nil && d.value.File.Layer > tree.LayerEnvironment {
		return nil
	}
	v := variableIn(f.vars, d.name, o.Name)
	if v == nil && o.Env != "" {
		v = d.env.Named(o.Env)
	}
	if v == nil {
		return nil
	}
	from := &tree.Origin{
		Name: "environment variable " + v.Name, Layer: tree.LayerEnvironment, Place: tree.PlaceEnvironment,
	}
	if d.value == nil && o.Deprecated != "" {
		d.warn(from, 0, 0, deprecated(o))
	}
	return &tree.Node{Kind: tree.Text, Text: v.Value, File: from}
}

// variableIn returns the variable of an option, by the path; nil if it is not set.
func variableIn(vars []tree.Variable, prefix []byte, name string) *tree.Variable {
	if len(vars) == 0 {
		return nil
	}
	var buffer [128]byte
	full := tree.AppendName(append(buffer[:0], prefix...), name)
	if i := tree.Search(vars, full); i < len(vars) && vars[i].Name == string(full) && vars[i].Value != "" {
		return &vars[i]
	}
	return nil
}

// sets reports whether the environment has a value for an option of a table that is not
// given.
func (d *Decoder) sets(os *Options, vars []tree.Variable, key string, depth int) bool {
	if os == nil || depth > tree.MaxDepth {
		return false
	}
	before := len(d.name)
	defer func() { d.name = d.name[:before] }()
	if len(vars) > 0 {
		d.name = append(tree.AppendName(d.name, key), '_')
		vars = tree.Narrow(vars, d.name)
	}
	return d.setsAny(os, vars, depth)
}

func (d *Decoder) setsAny(os *Options, vars []tree.Variable, depth int) bool {
	for i := range os.Options {
		o := &os.Options[i]
		if variableIn(vars, d.name, o.Name) != nil {
			return true
		}
		// The variable of a struct that contains itself is that of the outermost.
		if o.Env != "" && d.env.Named(o.Env) != nil && !d.within(os) {
			return true
		}
		if (o.Type == "table" || o.Type == "*table") && (o.Recursive == nil || len(vars) > 0) &&
			d.sets(o.Table(), vars, o.Name, depth+1) {
			return true
		}
	}
	for _, embedded := range os.Embedded {
		if d.setsAny(embedded, vars, depth) {
			return true
		}
	}
	return false
}

// within reports whether a struct is among those that are being filled.
func (d *Decoder) within(os *Options) bool {
	return slices.ContainsFunc(d.frames, func(f frame) bool { return f.options == os })
}
