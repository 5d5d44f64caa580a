package annotate

// A Host is a //plugin:link directive.
type Host struct {
	Directive  Span
	File       *File
	Packages   []Word
	Namespaces []Word
	Exclude    []Word
}

// host reads a //plugin:link directive.
func (r *reader) host(d *Directive) {
	if !r.allowed(d, OnHost) {
		return
	}
	h := &Host{Directive: d.Span, File: r.file}
	for _, p := range d.Pairs {
		var list *[]Word
		switch p.Key.Text {
		case "packages":
			list = &h.Packages
		case "namespaces":
			list = &h.Namespaces
		case "exclude":
			list = &h.Exclude
		case "link":
			r.bare(p)
			continue
		default: // misspelt, which is reported
			continue
		}
		*list = r.items(p)
		for _, w := range *list {
			if w.Text == "" {
				r.errorf(BadValue, w.Span, "an empty pattern matches nothing")
			}
		}
	}
	for _, other := range r.Hosts {
		if !other.File.Constraint.Excludes(r.file.Constraint) {
			r.errorf(Duplicate, d.Span, "the package links plugins already: one //plugin:link names all (packages=a/...,b/...)").Related =
				[]Related{{other.Directive, "it is here"}}
			return
		}
	}
	r.Hosts = append(r.Hosts, h)
}

// hostKey returns a key that only a host can have, "" if there is none.
func (d *Directive) hostKey() string {
	for _, p := range d.Pairs {
		if key, _ := keyNamed(p.Key.Text); key.On == OnHost {
			return key.Name
		}
	}
	return ""
}
