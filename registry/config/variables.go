package config

import "slices"

// variable returns the value that the environment has for an option, or nil. An empty
// variable is as good as none.
func (d *Decoder) variable(f *frame, o *Option) *node {
	if d.value != nil && d.value.file != nil && d.value.file.layer > layerEnvironment {
		return nil
	}
	v := variableIn(f.vars, d.name, o.Name)
	if v == nil && o.Env != "" {
		v = d.env.named(o.Env)
	}
	if v == nil {
		return nil
	}
	from := &origin{name: "environment variable " + v.name, layer: layerEnvironment, place: placeEnvironment}
	if d.value == nil && o.Deprecated != "" {
		d.warn(from, 0, 0, deprecated(o))
	}
	return &node{kind: text, text: v.value, file: from}
}

// variableIn returns the variable of an option, by the path; nil if it is not set.
func variableIn(vars []variable, prefix []byte, name string) *variable {
	if len(vars) == 0 {
		return nil
	}
	var buffer [128]byte
	full := appendName(append(buffer[:0], prefix...), name)
	if i := search(vars, full); i < len(vars) && vars[i].name == string(full) && vars[i].value != "" {
		return &vars[i]
	}
	return nil
}

// sets reports whether the environment has a value for an option of a table that is not
// given.
func (d *Decoder) sets(os *Options, vars []variable, key string, depth int) bool {
	if os == nil || depth > maxDepth {
		return false
	}
	before := len(d.name)
	defer func() { d.name = d.name[:before] }()
	if len(vars) > 0 {
		d.name = append(appendName(d.name, key), '_')
		vars = narrow(vars, d.name)
	}
	return d.setsAny(os, vars, depth)
}

func (d *Decoder) setsAny(os *Options, vars []variable, depth int) bool {
	for i := range os.Options {
		o := &os.Options[i]
		if variableIn(vars, d.name, o.Name) != nil {
			return true
		}
		// The variable of a struct that contains itself is that of the outermost.
		if o.Env != "" && d.env.named(o.Env) != nil && !d.within(os) {
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
