package declarations

import (
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
)

// otherBuilds answers what files that are not in the build ask of other packages, of which
// there are no types then. It answers as plugingen does, from the syntax of the module's
// packages, if that can be read.
type otherBuilds struct {
	imports annotate.Imports // nil if nothing can be read
	opened  bool
	failed  bool // a question was not answered: what depends on it is unknown
}

func (o *otherBuilds) constant(c *declarations, from *annotate.File, path, name string) (value string, ok bool) {
	if o.open(c) {
		value, ok = o.imports.Constant(from, path, name)
	}
	o.failed = o.failed || !ok
	return value, ok
}

func (o *otherBuilds) address(c *declarations, from *annotate.File, path, name string) (address, ok bool) {
	if o.open(c) {
		address, ok = o.imports.Address(from, path, name)
	}
	o.failed = o.failed || !ok
	return address, ok
}

func (o *otherBuilds) namespace(c *declarations, from *annotate.File, path, name string) (namespace string, ok bool) {
	if o.open(c) {
		namespace, ok = o.imports.Namespace(from, path, name)
	}
	o.failed = o.failed || !ok
	return namespace, ok
}

// open finds the module that the package is in, and reports whether it can be read.
func (o *otherBuilds) open(c *declarations) bool {
	if !o.opened {
		o.opened = true
		if imports, err := gen.Imports(c.Dir()); err == nil {
			o.imports = imports
		}
	}
	return o.imports != nil
}

// unsure reports whether a diagnostic may only be there since a file that is not in the
// build, or what such a file refers to, can't be read.
func (c *declarations) unsure(d annotate.Diagnostic) bool {
	switch d.Category {
	case annotate.Unresolved, annotate.Missing:
		return c.Sources.Damaged() || c.other.failed && !c.InBuild(d.Pos)
	case annotate.Role: // as of what is declared in other builds than a file that names it
		return c.Sources.Damaged()
	}
	return false
}
