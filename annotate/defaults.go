package annotate

import "slices"

// packageDefaults reads the doc comment of a file's package clause.
func (r *reader) packageDefaults(f *File) {
	r.file = f
	for _, d := range r.directives(f.Syntax.Doc) {
		mistakes := len(r.Diagnostics)
		if !r.allowed(d, OnPackage) {
			r.lost = true
			continue
		}
		for _, p := range r.validDefaults(d) {
			if i := slices.IndexFunc(r.defaults, func(q Pair) bool { return q.Key.Text == p.Key.Text }); i >= 0 {
				r.errorf(Duplicate, p.span(), "the package has a default for %q already", p.Key.Text).Related =
					[]Related{{r.defaults[i].span(), "it is here"}}
				continue
			}
			r.defaults = append(r.defaults, p)
		}
		r.lost = r.lost || d.broken || len(r.Diagnostics) > mistakes
	}
}

// groupDefaults reads the directives above a declaration of several in parentheses.
func (r *reader) groupDefaults(above []*Directive) []Pair {
	var defaults []Pair
	for _, d := range above {
		if d.names() {
			r.errorf(Placement, d.Span, "a directive with a name stands above a group of several declarations: put it above the one it is for")
			continue
		}
		if r.allowed(d, OnGroup) {
			defaults = append(defaults, r.validDefaults(d)...)
		}
	}
	return defaults
}

// validDefaults returns the pairs whose values make sense, and reports the others
// here, once, and not for each plugin.
func (r *reader) validDefaults(d *Directive) []Pair {
	return slices.DeleteFunc(d.Pairs, func(p Pair) bool {
		mistakes := len(r.Diagnostics)
		r.set(&Plugin{}, p)
		return len(r.Diagnostics) > mistakes
	})
}

// unusedDefaults reports the package's defaults if it has nothing that they could be for.
func (r *reader) unusedDefaults() {
	if len(r.defaults) > 0 && len(r.Plugins) == 0 && len(r.Diagnostics) == 0 {
		r.errorf(Placement, r.defaults[0].span(), "this is a default for the plugins of the package, but it declares none; "+
			"a directive for one declaration stands directly above that")
	}
}
