// Package typedesc describes types as strings, and decides by these descriptions
// whether a type satisfies the contract of a namespace.
//
// A contract and a plugin are compared in a package that imports both, where a
// driver may have dropped the types of the one and the facts of the other.
// Descriptions are stored in facts: equal strings describe identical types.
package typedesc

import (
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// A Type describes a type: its name, and its methods or its signature. Of a
// contract, these are what a plugin needs; of a plugin, what it has.
type Type struct {
	Name    string // the whole type, see Short
	Func    string // the signature, of a func type
	Methods []Method
	Open    bool // an interface, whose value may have more methods
}

// A Method is a method of a Type.
type Method struct {
	ID        string // the name, qualified by its package if it is not exported
	Signature string
	Pointer   bool // it has a pointer receiver, and the type is no pointer
}

// String returns the method as a message shows it.
func (m Method) String() string { return m.show(Short) }

func (m Method) show(how func(string) string) string {
	return m.Name() + how(strings.TrimPrefix(m.Signature, "func"))
}

// Name returns the method's name without its package.
func (m Method) Name() string { return lastElement(strings.ReplaceAll(m.ID, ".", "/")) }

func lastElement(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Method returns the method with the ID, or nil if there is none.
func (t Type) Method(id string) *Method {
	i := slices.IndexFunc(t.Methods, func(m Method) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return &t.Methods[i]
}

// Of describes a type. It reports whether all of the type is known.
func Of(t types.Type) (s Type, ok bool) {
	w := writer{}
	s.Name = w.typ(t)
	switch u := t.Underlying().(type) {
	case *types.Signature:
		s.Func = w.typ(u)
	case *types.Interface:
		s.Open = true
		if !u.IsMethodSet() {
			return s, false
		}
	}
	s.Methods = w.methods(t, false)
	if named, isNamed := types.Unalias(t).(*types.Named); isNamed && !s.Open {
		for _, m := range w.methods(types.NewPointer(named), true) {
			if s.Method(m.ID) == nil {
				s.Methods = append(s.Methods, m)
			}
		}
	}
	return s, !w.unknown
}

func (w *writer) methods(t types.Type, pointer bool) []Method {
	var all []Method
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		all = append(all, Method{sel.Obj().Id(), w.typ(sel.Type()), pointer})
	}
	return all
}

// MethodOf describes a method of a name that other packages can call.
func MethodOf(name string, sig *types.Signature) Method {
	w := writer{}
	return Method{ID: name, Signature: w.typ(sig)}
}

// A writer writes types so that equal strings are identical types. Names are
// qualified by their package's path in angle quotes, and by its name, which is
// all that messages show.
type writer struct {
	strings.Builder
	unknown bool // something did not type-check
	params  []*types.TypeParam
}

// typ returns the type. A method's receiver is not part of its type.
func (w *writer) typ(t types.Type) string {
	w.Reset()
	w.write(t)
	return w.String()
}

func (w *writer) write(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		w.unknown = w.unknown || t.Kind() == types.Invalid
		if t.Kind() < types.UntypedBool && t.Kind() != types.Invalid {
			t = types.Typ[t.Kind()] // byte is uint8
		}
		w.WriteString(t.String())
	case *types.Named:
		w.named(t)
	case *types.Pointer:
		w.WriteByte('*')
		w.write(t.Elem())
	case *types.Slice:
		w.WriteString("[]")
		w.write(t.Elem())
	case *types.Array:
		w.WriteString("[" + strconv.FormatInt(t.Len(), 10) + "]")
		w.write(t.Elem())
	case *types.Map:
		w.WriteString("map[")
		w.write(t.Key())
		w.WriteByte(']')
		w.write(t.Elem())
	case *types.Chan:
		w.WriteString([]string{"chan ", "chan<- ", "<-chan "}[t.Dir()])
		w.WriteByte('(')
		w.write(t.Elem())
		w.WriteByte(')')
	case *types.Signature:
		w.WriteString("func")
		w.signature(t)
	case *types.Struct:
		w.structure(t)
	case *types.Interface:
		w.iface(t)
	case *types.TypeParam:
		w.typeParam(t)
	default:
		w.unknown = true
	}
}

func (w *writer) named(t *types.Named) {
	obj := t.Obj()
	if pkg := obj.Pkg(); pkg != nil {
		w.WriteString("‹" + pkg.Path() + "›" + pkg.Name() + ".")
	}
	w.WriteString(obj.Name())
	for i, arg := range slices.Collect(t.TypeArgs().Types()) {
		w.WriteByte("[,"[min(i, 1)])
		w.write(arg)
	}
	if t.TypeArgs().Len() > 0 {
		w.WriteByte(']')
	}
}

func (w *writer) signature(s *types.Signature) {
	w.WriteByte('(')
	for i := range s.Params().Len() {
		if i > 0 {
			w.WriteString(", ")
		}
		t := s.Params().At(i).Type()
		if slice, ok := t.(*types.Slice); ok && s.Variadic() && i == s.Params().Len()-1 {
			w.WriteString("...")
			t = slice.Elem()
		}
		w.write(t)
	}
	w.WriteByte(')')
	switch n := s.Results().Len(); {
	case n == 1:
		w.WriteByte(' ')
		w.write(s.Results().At(0).Type())
	case n > 1:
		w.WriteString(" (")
		for i := range n {
			if i > 0 {
				w.WriteString(", ")
			}
			w.write(s.Results().At(i).Type())
		}
		w.WriteByte(')')
	}
}

func (w *writer) structure(s *types.Struct) {
	w.WriteString("struct{")
	for i := range s.NumFields() {
		if i > 0 {
			w.WriteString("; ")
		}
		f := s.Field(i)
		if !f.Exported() && f.Pkg() != nil {
			w.WriteString("‹" + f.Pkg().Path() + "›")
		}
		if !f.Embedded() {
			w.WriteString(f.Name() + " ")
		}
		w.write(f.Type())
		if s.Tag(i) != "" {
			w.WriteString(" " + strconv.Quote(s.Tag(i)))
		}
	}
	w.WriteByte('}')
}

func (w *writer) iface(t *types.Interface) {
	if t.Empty() {
		w.WriteString("any")
		return
	}
	w.WriteString("interface{")
	for i := range t.NumMethods() { // sorted
		if i > 0 {
			w.WriteString("; ")
		}
		m := t.Method(i)
		if !m.Exported() && m.Pkg() != nil {
			w.WriteString("‹" + m.Pkg().Path() + "›")
		}
		w.WriteString(m.Name())
		w.signature(m.Signature())
	}
	w.WriteByte('}')
	w.unknown = w.unknown || !t.IsMethodSet()
}

// typeParam writes the order in which a type parameter first appears.
func (w *writer) typeParam(t *types.TypeParam) {
	i := slices.Index(w.params, t)
	if i < 0 {
		i = len(w.params)
		w.params = append(w.params, t)
	}
	w.WriteString("$" + strconv.Itoa(i))
}

// Short returns a type as messages show it: without import paths.
func Short(typ string) string {
	return replacePaths(typ, func(_, name string) string { return name })
}

// long returns a type with whole import paths, for types that are the same to
// [Short].
func long(typ string) string {
	return replacePaths(typ, func(path, name string) string {
		if i := strings.IndexByte(name, '.'); i >= 0 {
			name = name[i:]
		}
		return path + name
	})
}

// replacePaths replaces each path in quotes, and the rest of the word behind it.
func replacePaths(typ string, by func(path, name string) string) string {
	var b strings.Builder
	for {
		before, quoted, found := strings.Cut(typ, "‹")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		path, rest, _ := strings.Cut(quoted, "›")
		end := strings.IndexAny(rest, " ,;()[]{}*‹")
		if end < 0 {
			end = len(rest)
		}
		b.WriteString(by(path, rest[:end]))
		typ = rest[end:]
	}
}

// distinct returns two different methods so that the difference is visible.
func distinct(have, want Method) (string, string) {
	if have.String() != want.String() {
		return have.String(), want.String()
	}
	return have.show(long), want.show(long)
}
