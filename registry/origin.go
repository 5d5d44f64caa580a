package registry

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
)

// An Origin says where a plugin comes from. What is not known is empty.
type Origin struct {
	Module  string // path of the module
	Version string // version of the module, as the program was built with it
	Package string // import path
	Symbol  string // identifier of the declaration within the package
	File    string // source file of the declaration, as the compiler saw it
	Line    int
}

// Position returns "file:line", or "" if the file is not known.
func (o Origin) Position() string {
	if o.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// Origin returns where the plugin comes from. Package and symbol are those of the spec;
// file and line are those of At, New or NewWith, from the program's symbol table; the
// module is from the build information. It is safe for concurrent use, and returns the
// zero Origin for a nil spec.
func (s *Spec) Origin() Origin {
	if s == nil {
		return Origin{}
	}
	o := Origin{Package: s.Package, Symbol: s.Symbol}
	o.File, o.Line = s.position()
	o.Module, o.Version = moduleOf(s.Package)
	return o
}

// position returns the file and line of At; or, if that is not set, of New or NewWith,
// which plugingen writes into generated files.
func (s *Spec) position() (file string, line int) {
	for _, at := range []any{s.At, s.New, s.NewWith} {
		if v := reflect.ValueOf(at); v.Kind() == reflect.Func && !v.IsNil() {
			if file, line = position(v.Pointer()); file != "" {
				return file, line
			}
		}
	}
	return "", 0
}

// where returns the symbol and the position of the declaration for an error's text, or "".
func (s *Spec) where() string {
	if s == nil {
		return ""
	}
	var parts []string
	if s.Symbol != "" {
		parts = append(parts, "as "+s.symbol())
	}
	if file, line := s.position(); file != "" {
		parts = append(parts, fmt.Sprintf("at %s:%d", file, line))
	}
	return strings.Join(parts, " ")
}

// symbol returns the symbol with its package, which [Pattern] matches, too.
func (s *Spec) symbol() string {
	if s.Package == "" {
		return s.Symbol
	}
	return s.Package + "." + s.Symbol
}

// build is the program's build information, read when it is first needed.
var build struct {
	once    sync.Once
	modules []debug.Module
}

// moduleOf returns the path and version of the module that has a package: of those that
// the program was built with, the one with the longest path that contains it.
func moduleOf(pkg string) (path, version string) {
	build.once.Do(func() {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return
		}
		build.modules = append(build.modules, info.Main)
		for _, m := range info.Deps {
			build.modules = append(build.modules, *m)
		}
	})
	for _, m := range build.modules {
		rest, ok := strings.CutPrefix(pkg, m.Path)
		if ok && (rest == "" || rest[0] == '/') && len(m.Path) > len(path) {
			path, version = m.Path, m.Version
			if m.Replace != nil && m.Replace.Version != "" {
				version = m.Replace.Version
			}
		}
	}
	return path, version
}
