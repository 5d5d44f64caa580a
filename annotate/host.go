package annotate

import (
	"path"
	"strings"
)

// A Host is a //plugin:link directive. A package may have several, in files of different
// builds: a build links what all those say that it compiles.
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
			switch {
			case w.Text == "":
				r.errorf(BadValue, w.Span, "an empty pattern matches nothing")
			case p.Key.Text == "packages":
				r.importPattern(w)
			}
		}
	}
	for _, other := range r.Hosts { // one for other builds adds to it
		if other.File.Constraint.String() == r.file.Constraint.String() {
			r.errorf(Duplicate, d.Span, "the package links plugins already: name all in one //plugin:link (packages=a/...,b/...)").Related =
				[]Related{{other.Directive, "it is here"}}
			return
		}
	}
	r.Hosts = append(r.Hosts, h)
}

// importPattern reports a pattern that is a path of the file system, as the go command takes
// it on its command line.
func (r *reader) importPattern(w Word) {
	if first, _, _ := strings.Cut(w.Text, "/"); first != "." && first != ".." {
		return
	}
	meant := path.Join(r.Path, w.Text)
	if strings.HasPrefix(meant, ".") {
		r.errorf(BadValue, w.Span, "packages= takes import paths, as in %s/...", r.Path)
		return
	}
	r.errorf(BadValue, w.Span, "packages= takes import paths: write %s instead of %s", meant, w.Text).Fix =
		&Fix{Message: "write " + meant, Span: w.Span, New: meant}
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
