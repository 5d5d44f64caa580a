// Package code has the parts of Go source that generated files are put together from.
// A value of each type is made by a function that checks it, so that text from
// elsewhere, such as another module's generated file, can't become any other code.
package code

import (
	"fmt"
	"go/token"
	"sync"

	"golang.org/x/mod/module"
)

// An Ident is a Go identifier. The zero Ident is none.
type Ident struct{ name string }

// ParseIdent returns s as an identifier.
func ParseIdent(s string) (Ident, error) {
	if !token.IsIdentifier(s) || s == "_" {
		return Ident{}, fmt.Errorf("%q is not a Go identifier", s)
	}
	return Ident{s}, nil
}

func (i Ident) String() string { return i.name }

// IsExported reports whether other packages can use the identifier.
func (i Ident) IsExported() bool { return token.IsExported(i.name) }

// An ImportPath is the import path of a package, as the go command accepts it. The
// zero ImportPath is none.
type ImportPath struct{ path string }

// valid has the import paths that have been checked: a host refers to the same packages for very
// many plugins.
var valid sync.Map // from string to ImportPath

// ParseImportPath returns s as an import path.
func ParseImportPath(s string) (ImportPath, error) {
	if p, ok := valid.Load(s); ok {
		return p.(ImportPath), nil
	}
	if err := module.CheckImportPath(s); err != nil {
		return ImportPath{}, err
	}
	if s == "C" {
		return ImportPath{}, fmt.Errorf("malformed import path %q: it is cgo's", s)
	}
	p := ImportPath{s}
	valid.Store(s, p)
	return p, nil
}

func (p ImportPath) String() string { return p.path }

// A Ref refers to a declaration of a package.
type Ref struct {
	Path    ImportPath
	Package Ident // the package's name
	Name    Ident
}

// ParseRef returns a reference to the declaration name of the package pkg.
func ParseRef(path, pkg, name string) (r Ref, err error) {
	if r.Path, err = ParseImportPath(path); err != nil {
		return Ref{}, err
	}
	if r.Package, err = ParseIdent(pkg); err != nil {
		return Ref{}, err
	}
	if r.Name, err = ParseIdent(name); err != nil {
		return Ref{}, err
	}
	return r, nil
}
