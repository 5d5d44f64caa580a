package options

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// Imports answers questions about other packages, as they come up.
type Imports interface {
	// Package returns a package whose source may be read, since it is of the same module or
	// of one that is generated in the same run, or nil.
	Package(path string) *source.Package

	// Foreign returns what is known of a type of another module, by the generated files of its
	// package. known is false if these can't be read.
	Foreign(path, name string) (f Foreign, known bool)
}

// Foreign is what the generated files of another module say of a type.
type Foreign struct {
	Package   string  // the name of its package
	Options   bool    // it is a struct with //plugin:options
	Struct    *Struct // what its generated file describes of it, if it is one; may be nil
	Namespace string  // whose contract it is, or ""
	Pointer   bool    // of a contract: plugins are pointers to the type
}

// A Package is the options that a package declares.
type Package struct {
	Uses        map[*annotate.Plugin]*Use // of the plugins that have options
	Shared      []*Struct                 // with //plugin:options, in the order of their names
	Diagnostics []annotate.Diagnostic
	Incomplete  bool // something could not be read, and no diagnostic says so
}

// Read reads the options of a package that has been resolved. naming returns the struct tags
// that name the options of the plugins of a namespace, as the contract says that is known in
// a file, or "".
func Read(pkg *source.Package, imports Imports, naming func(namespace string, from *annotate.File) string) *Package {
	r := &reader{
		Package: Package{Uses: map[*annotate.Plugin]*Use{}},
		pkg:     pkg, imports: imports, structs: map[string]*Struct{},
	}
	for _, o := range pkg.Shared {
		if st := r.shared(o); st != nil {
			r.Shared = append(r.Shared, st)
		}
	}
	for _, x := range pkg.Plugins {
		if use := r.use(x, naming(x.Namespace, x.File)); use != nil {
			r.Uses[x] = use
		}
	}
	r.checkTables()
	r.setInitialDefaults()
	r.unused()
	slices.SortFunc(r.Shared, func(a, b *Struct) int { return cmp.Compare(a.Name, b.Name) })
	return &r.Package
}

// A reader reads the options of a package.
type reader struct {
	Package
	pkg     *source.Package
	imports Imports
	structs map[string]*Struct        // by type and naming
	depth   int                       // of types in types
	via     []annotate.Span           // fields of the package by which structs of others are read
	values  map[string]constant.Value // of constants; nil for what is unknown, or being evaluated

	// suppressed counts the structs around the one that is read whose own packages report
	// their errors.
	suppressed int

	instances int                         // of generic types so far
	initial   map[*Struct][]initialValues // what factories set
	funcs     map[*annotate.Package]map[string][]function
}

// errorf reports an error in a package. One in another package is reported at the field that
// leads there.
func (r *reader) errorf(
	in *source.Package, c annotate.Category, span annotate.Span, format string, args ...any,
) *annotate.Diagnostic {
	d := annotate.Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)}
	if r.suppressed > 0 {
		return &d
	}
	if in != r.pkg && len(r.via) > 0 {
		d.Related = []annotate.Related{{Span: span, Message: "it is here"}}
		d.Message = "in the options of " + in.Path + ": " + d.Message
		d.Span = r.via[len(r.via)-1]
	}
	r.Diagnostics = append(r.Diagnostics, d)
	return &r.Diagnostics[len(r.Diagnostics)-1]
}

// shared returns a struct with //plugin:options, or nil if it has none.
func (r *reader) shared(o *annotate.OptionStruct) *Struct {
	for _, d := range r.pkg.Types(o.Symbol, o.File) {
		if d.File.Name != o.File.Name {
			continue
		}
		if _, ok := ast.Unparen(d.Type).(*ast.StructType); !ok {
			r.errorf(r.pkg, annotate.Role, o.Directive, "%s is declared as %s: write the directive "+
				"above that struct",
				o.Symbol, types.ExprString(d.Type))
			return nil
		}
		st := r.structOf(d, nil, &scope{pkg: r.pkg, file: d.File}, o.Naming)
		if !st.hasOptions() && !st.broken {
			r.errorf(r.pkg, annotate.Missing, o.Directive, "%s has no options: tag its fields, as in "+
				"`plugin:\"option\"`, or write //plugin:options=toml if toml tags name them", o.Symbol)
			return nil
		}
		return st
	}
	return nil
}

// checkTables reports structs that contain themselves, which can't be filled, and those with
// more options than people write. An embedded pointer contains the struct that it points to,
// since that is always made.
func (r *reader) checkTables() {
	var all []*Struct
	for _, key := range slices.Sorted(maps.Keys(r.structs)) {
		all = append(all, r.structs[key])
	}
	for _, cycle := range rules.Cycles(all, (*Struct).Contained) {
		outer, inner := cycle[len(cycle)-1], cycle[0]
		i := slices.IndexFunc(outer.Options, func(o *Option) bool { return o.contained() == inner })
		if i < 0 || outer.Foreign {
			continue // of a generated file, which has no cycles unless packages import one another
		}
		o, instead := outer.Options[i], "make it a pointer, *"+inner.Name
		if o.Type.Kind == Pointer {
			instead = "it can't be required"
		}
		r.structErrorf(outer, o.Span, "%s contains itself, by the field %s of %s: %s",
			inner.Name, path(o), outer.Name, instead)
	}
	if s, err := CheckSize(all); err != nil && len(r.Diagnostics) == 0 {
		r.structErrorf(s, s.Decl, "%s can't have these options: %v", s.Name, err)
	}
}

// structErrorf reports an error in a struct. For a struct of another package it reports the field
// that leads there; if none does, that package reports the error.
func (r *reader) structErrorf(s *Struct, span annotate.Span, format string, args ...any) {
	in := r.pkg
	if s.Path != r.pkg.Path {
		if !s.via.Pos.IsValid() {
			return
		}
		if in = r.imports.Package(s.Path); in == nil { // of another module
			in, span = r.pkg, s.via
		}
	}
	r.via = append(r.via, s.via)
	r.errorf(in, annotate.Role, span, format, args...)
	r.via = r.via[:len(r.via)-1]
}

// use returns how a plugin uses options, or nil if it has none.
func (r *reader) use(x *annotate.Plugin, naming string) *Use {
	if x.Factory != nil && x.Factory.Options != nil {
		return r.parameter(x, naming)
	}
	r.checkVariadic(x, naming)
	if naming == "" && !r.tagged() && !makesForeign(x) {
		return nil
	}
	d, args, s, pointer := r.plugin(x, naming)
	if d == nil || s.pkg != r.pkg && !token.IsExported(d.Name.Name) {
		return nil
	}
	if naming == "" && len(s.pkg.Shared) == 0 && !hasTags(d) {
		return nil // as most plugins
	}
	r.via = append(r.via, x.Directive)
	st := r.structOf(*d, args, s, naming)
	r.via = r.via[:len(r.via)-1]
	if !st.hasOptions() {
		return nil
	}
	if !pointer {
		r.errorf(r.pkg, annotate.Role, x.Span("factory"), "%s returns a %s, in which options can't be "+
			"set: return a *%s",
			x.Factory.Symbol, d.Name.Name, d.Name.Name)
		return nil
	}
	if x.Factory != nil {
		r.recordInitial(x.Factory, st)
	}
	return &Use{Struct: st, Reloads: r.reload(x, st, naming)}
}

// tagged reports whether a struct of the package has tags of options. Plugins are read for
// theirs only then, or if their contract says that all fields are options.
func (r *reader) tagged() bool { return len(r.pkg.Tagged)+len(r.pkg.Shared) > 0 }

// makesForeign reports whether the factory of a plugin returns a type of another package.
func makesForeign(x *annotate.Plugin) bool {
	if x.Kind != annotate.Factory || x.Factory == nil {
		return false
	}
	_, ok := pointedTo(resultOf(x.Factory.Decl.Type)).(*ast.SelectorExpr)
	return ok
}

// hasTags reports whether a field of a struct type has a tag.
func hasTags(d *annotate.TypeDecl) bool {
	fields := ast.Unparen(d.Type).(*ast.StructType).Fields.List
	return slices.ContainsFunc(fields, func(f *ast.Field) bool { return f.Tag != nil })
}

// parameter returns the options that the factory of a plugin takes.
func (r *reader) parameter(x *annotate.Plugin, naming string) *Use {
	call := x.Factory
	e, s := ast.Unparen(call.Options), &scope{pkg: r.pkg, file: call.File, params: r.typeArgs(x)}
	u := &Use{Param: true}
	if star, ok := e.(*ast.StarExpr); ok {
		e, u.Pointer = star.X, true
	}
	at := annotate.Span{Pos: call.Options.Pos(), End: call.Options.End()}
	r.via = append(r.via, at)
	defer func() { r.via = r.via[:len(r.via)-1] }()
	t, why := r.typeOf(e, s, typeHints{naming: naming})
	switch {
	case why != nil && why.unsure:
		r.Incomplete = true
		return nil
	case why != nil || t.Kind != Table:
		reason := "it is no struct"
		if why != nil {
			reason = why.message
		}
		if why != nil && why.foreign {
			reason = "it is of another module, which has to say //plugin:options above it"
		}
		r.errorf(r.pkg, annotate.Role, at, "%s can't be a factory: it takes %s, which has no options: %s",
			call.Symbol, types.ExprString(call.Options), reason)
		return nil
	}
	u.Struct = t.Struct
	u.Reloads = r.reload(x, t.Struct, naming)
	return u
}

// checkVariadic reports a factory whose variadic parameter takes structs with options: plugingen
// calls it without any.
func (r *reader) checkVariadic(x *annotate.Plugin, naming string) {
	if x.Factory == nil || x.Factory.Decl == nil {
		return
	}
	params := x.Factory.Decl.Type.Params.List
	if len(params) == 0 {
		return
	}
	list, ok := params[len(params)-1].Type.(*ast.Ellipsis)
	if !ok {
		return
	}
	s := &scope{pkg: r.pkg, file: x.Factory.File, params: r.typeArgs(x)}
	e := pointedTo(ast.Unparen(list.Elt))
	if d, _, _ := r.structType(e, s); d != nil && !namedBy(d, naming) {
		naming = "" // not each of its fields is meant to be an option
	}
	if t, why := r.typeOf(e, s, typeHints{naming: naming}); why == nil && t.Kind == Table {
		r.errorf(r.pkg, annotate.Role, annotate.Span{Pos: list.Pos(), End: list.End()},
			"%s would be called without options: write %s for those that a configuration sets",
			x.Factory.Symbol, types.ExprString(list.Elt))
	}
}

// namedBy reports whether the struct tags of a kind name a field of a struct.
func namedBy(d *annotate.TypeDecl, naming string) bool {
	fields := ast.Unparen(d.Type).(*ast.StructType).Fields.List
	return slices.ContainsFunc(fields, func(f *ast.Field) bool { return rules.TagValue(f.Tag, naming) != "" })
}

// typeArgs returns what the type parameters of a plugin's factory stand for.
func (r *reader) typeArgs(x *annotate.Plugin) map[string]typeExpr {
	in, args := &scope{pkg: r.pkg, file: x.File}, []typeExpr(nil)
	for _, a := range x.TypeArgs {
		args = append(args, typeExpr{a, in})
	}
	return paramsOf(x.Factory.Decl.Type.TypeParams, args)
}

// plugin returns the struct that a plugin is, or nil if it is none, or syntax does not tell.
// pointer reports whether the plugin is a pointer to it.
func (r *reader) plugin(x *annotate.Plugin, naming string) (
	d *annotate.TypeDecl, args []typeExpr, s *scope, pointer bool,
) {
	s = &scope{pkg: r.pkg, file: x.File}
	switch {
	case x.Kind == annotate.Type:
		var e ast.Expr = ast.NewIdent(x.Symbol)
		if len(x.TypeArgs) > 0 {
			e = &ast.IndexListExpr{X: e, Indices: x.TypeArgs}
		}
		d, args, s = r.structType(e, s)
		return d, args, s, x.Factory == nil || isPointer(resultOf(x.Factory.Decl.Type))
	case x.Kind != annotate.Factory || x.Factory == nil:
		return nil, nil, nil, false
	}
	s = &scope{pkg: r.pkg, file: x.Factory.File, params: r.typeArgs(x)}
	e := resultOf(x.Factory.Decl.Type)
	if d, args, in := r.structType(pointedTo(e), s); d != nil {
		return d, args, in, isPointer(e)
	}
	if naming == "" && !r.tagged() {
		return nil, nil, nil, false
	}
	if e, file := r.made(x.Factory); e != nil {
		if file != s.file {
			s = &scope{pkg: r.pkg, file: file}
		}
		d, args, s = r.structType(pointedTo(e), s)
		return d, args, s, isPointer(e)
	}
	return nil, nil, nil, false
}

// structType returns the declaration of a struct that a type is, with its type arguments and
// the scope in which it is declared.
func (r *reader) structType(e ast.Expr, s *scope) (*annotate.TypeDecl, []typeExpr, *scope) {
	var args []typeExpr
	for range maxDepth {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e, args = x.X, []typeExpr{{x.Index, s}}
			continue
		case *ast.IndexListExpr:
			e = x.X
			for _, i := range x.Indices {
				args = append(args, typeExpr{i, s})
			}
			continue
		}
		var decls []annotate.TypeDecl
		pkg := s.pkg
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			decls = pkg.About(x.Name).Types(x.Name, s.file)
		case *ast.SelectorExpr:
			id, ok := x.X.(*ast.Ident)
			if !ok {
				return nil, nil, nil
			}
			path := s.file.ImportPath(id.Name)
			if path == "" || path == annotate.RegistryPath {
				return nil, nil, nil
			}
			if pkg = r.imports.Package(path); pkg == nil {
				return nil, nil, nil
			}
			decls = pkg.About(x.Sel.Name).Types(x.Sel.Name, s.file)
		}
		if len(decls) == 0 {
			return nil, nil, nil
		}
		d := decls[0]
		for _, other := range decls { // preferably in the same file
			if other.File.Name == s.file.Name && pkg == s.pkg {
				d = other
			}
		}
		if _, ok := ast.Unparen(d.Type).(*ast.StructType); ok && !d.Assign.IsValid() {
			return &d, args, &scope{pkg: pkg, file: d.File, params: paramsOf(d.TypeParams, args)}
		}
		if !d.Assign.IsValid() {
			return nil, nil, nil
		}
		e, s = d.Type, &scope{pkg: pkg, file: d.File, params: paramsOf(d.TypeParams, args)}
		args = nil
	}
	return nil, nil, nil
}

// paramsOf returns what type parameters stand for.
func paramsOf(list *ast.FieldList, args []typeExpr) map[string]typeExpr {
	m := map[string]typeExpr{}
	if list == nil {
		return m
	}
	for _, f := range list.List {
		for _, n := range f.Names {
			if len(args) > 0 {
				m[n.Name], args = args[0], args[1:]
			}
		}
	}
	return m
}
