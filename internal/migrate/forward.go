package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file makes the type of what is registered a contract, and has what is linked registered.

// forwarded returns the namespace that is forwarded to a registrar already.
func (m *migration) forwarded(r *registrar) (namespace string) {
	name := r.on
	for _, f := range m.sortedFiles() {
		if r.sw != nil || f.pkg == nil || isTest(f) || f.path != r.pkg.Path() && m.declaredHere(r) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isForward(call) {
				return true
			}
			ast.Inspect(call.Args[1], func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if ok && (r.fn != nil && f.pkg.TypesInfo.Uses[id] == types.Object(r.fn) ||
					r.fn == nil && f.pkg.TypesInfo.Uses[id] == types.Object(name)) {
					namespace, _ = strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
				}
				return true
			})
			return true
		})
	}
	return namespace
}

// forward makes the type of what is registered the contract of the namespace, and has what
// hosts link registered.
func (w *rewriter) forward(r *registrar) {
	if r.sw != nil {
		w.forwardSwitch(r)
		return
	}
	if !w.m.declaredHere(r) || w.m.forwarded(r) != "" {
		return
	}
	at := w.declOf(r)
	if at == nil {
		return
	}
	text := ""
	if note := w.contract(r); note != "" {
		text += "\n\n" + note
	}
	text += "\n\n" + w.forwarding(at.file, r, "")
	w.insertBehind(at.file, at.decl.End(), text)
	for _, mv := range w.plan.moves {
		if mv.registrar == r {
			w.touch(at.file, mv)
		}
	}
}

// declOf returns the declaration that the forwarding of a registrar follows.
func (w *rewriter) declOf(r *registrar) *declared[ast.Decl] {
	if r.fn != nil && r.fn.Pkg() == r.pkg {
		if d := w.m.funcs[r.fn.FullName()]; d != nil {
			return &declared[ast.Decl]{d.decl, d.decl, d.file}
		}
	}
	if r.on != nil {
		if d := w.m.vars[r.pkg.Path()+"."+r.on.Name()]; d != nil {
			return &declared[ast.Decl]{d.decl, d.decl, d.file}
		}
	}
	return nil
}

// contract puts the directive of the contract on the type of what is registered. If it has no
// name, the declaration of one is returned.
func (w *rewriter) contract(r *registrar) string {
	t := types.Unalias(r.valueType)
	directive := "//plugin:namespace=" + r.namespace
	if r.makers {
		result := types.NewTuple(types.NewVar(token.NoPos, nil, "", t))
		t = types.NewSignatureType(nil, nil, nil, nil, result, false)
	}
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
		directive += " contract"
	}
	switch t := t.(type) {
	case *types.Named:
		_, isStruct := t.Underlying().(*types.Struct)
		if t.TypeArgs().Len() > 0 || t.Obj().Pkg() == nil || isStruct && !strings.HasSuffix(directive, " contract") {
			return ""
		}
		d := w.m.typeDecl[t.Obj().Pkg().Path()+"."+t.Obj().Name()]
		if d == nil || d.file.skipped != "" || d.node.TypeParams != nil {
			return ""
		}
		before, doc := placeOf(d.decl.(*ast.GenDecl), d.node, d.node.Doc)
		if w.places[before] != nil || doc != nil && strings.Contains(w.m.source(d.file, doc), "//plugin:namespace=") {
			return "" // it is that of another namespace
		}
		w.annotate(d.file, before, doc, directive)
		for _, mv := range w.plan.moves {
			if mv.registrar == r {
				w.touch(d.file, mv)
			}
		}
	case *types.Signature:
		at := w.declOf(r)
		name := w.fresh(r.pkg.Path(), "Factory")
		r.factory = name
		return piece{
			comments: []string{fmt.Sprintf("// A %s is the contract of the namespace %s.", name, r.namespace)},
			notes:    []string{directive},
			code:     "type " + name + " " + w.typeText(at.file, t),
		}.String()
	}
	return ""
}

// forwarding returns the init function that has what is linked registered. The qualifier is
// that of the registrar's package in the file.
func (w *rewriter) forwarding(f *file, r *registrar, qualifier string) string {
	pkg := w.use(f, registryPath, "registry")
	fn := qualifier
	if r.on != nil {
		fn += r.on.Name()
	}
	if r.fn != nil {
		if r.on != nil {
			fn += "."
		}
		fn += r.fn.Name()
	}
	comment := "// What a host links is registered, too.\n"
	head := "func init() {\n\t" + pkg + ".Forward(" + strconv.Quote(r.namespace) + ", "
	if r.fn != nil {
		sig := r.fn.Signature()
		if sig.Params().Len() == 2 && len(r.extras) == 0 && r.name == 0 &&
			sig.Results().Len() == 0 && !sig.Variadic() &&
			types.Identical(r.nameType, types.Typ[types.String]) && !r.makers {
			return piece{code: comment + head + fn + ")\n}"}.String()
		}
	}
	if len(r.extras) > 0 || r.record != nil {
		return w.forwardingSpecs(f, r, pkg, fn, comment)
	}
	plugin, value := r.plugin(w.typeText(f, r.valueType))
	args, body := value, ""
	name := "name"
	switch {
	case r.name < 0:
		name = "_"
	default:
		key := "name"
		if !types.Identical(r.nameType, types.Typ[types.String]) {
			key = w.typeText(f, r.nameType) + "(name)"
		}
		if r.fn == nil {
			body = fn + "[" + key + "] = " + value
			break
		}
		args = key + ", " + value
		if r.name > r.value {
			args = value + ", " + key
		}
	}
	if body == "" {
		body = r.checked(fn + "(" + args + ")")
	}
	return piece{code: comment + head + "func(" + name + " string, plugin " + plugin + ") {\n" +
		body + "\n})\n}"}.String()
}

// plugin returns the type of what is forwarded, and the value that is registered for it.
func (r *registrar) plugin(valueType string) (plugin, value string) {
	switch {
	case r.makers && r.factory != "":
		return r.factory, "plugin()"
	case r.makers:
		return "func() " + valueType, "plugin()"
	case r.factory != "":
		return r.factory, "plugin"
	}
	return valueType, "plugin"
}

// checked returns a call of the registrar as a statement that does with its error what callers did.
func (r *registrar) checked(call string) string {
	n := r.fn.Signature().Results().Len()
	if n == 0 || !rules.IsError(r.fn.Signature().Results().At(n-1).Type()) {
		return call
	}
	blank := strings.Repeat("_, ", n-1)
	if r.ignored {
		return blank + "_ = " + call
	}
	return "if " + blank + "err := " + call + "; err != nil {\npanic(err)\n}"
}

// forwardingSpecs is forwarding for a registrar with other parameters, or fields, which are keys of
// the plugins.
func (w *rewriter) forwardingSpecs(f *file, r *registrar, pkg, fn, comment string) string {
	plugin, value := r.plugin(w.typeText(f, r.valueType))
	name := "spec.Name"
	if !types.Identical(r.nameType, types.Typ[types.String]) {
		name = w.typeText(f, r.nameType) + "(spec.Name)"
	}
	body := ""
	extras := make([]string, len(r.extras))
	for i := range r.extras {
		t := r.extra(i).Type()
		x := w.local(f, r.extra(i).Name(), pkg, "spec", "plugin")
		if x == "" {
			x = "extra" + strconv.Itoa(i+1)
		}
		body += x + ", _ := spec.Attr(" + strconv.Quote(r.key(i)) + ")\n"
		info := t.Underlying().(*types.Basic).Info()
		switch {
		case info&types.IsBoolean != 0:
			x += ` == "true"`
			t = types.Default(types.Typ[types.UntypedBool])
		case info&types.IsInteger != 0:
			body += "n" + strconv.Itoa(i+1) + ", _ := " + w.use(f, "strconv", "strconv") +
				".ParseInt(" + x + ", 10, 64)\n"
			x = w.typeText(f, t) + "(n" + strconv.Itoa(i+1) + ")"
		case !types.Identical(t, types.Typ[types.String]):
			x = w.typeText(f, t) + "(" + x + ")"
		}
		if p := r.extra(i).Type(); info&types.IsBoolean != 0 && !types.Identical(p, t) {
			x = w.typeText(f, p) + "(" + x + ")"
		}
		extras[i] = x
	}
	if r.record != nil {
		typ := strings.Replace(w.typeText(f, r.record.typ), "*", "&", 1)
		body += fn + "[" + name + "] = " + r.record.text(typ, value, extras)
	} else {
		args := make([]string, len(r.extras)+2)
		args[r.value], args[r.name] = value, name
		for i, param := range r.extras {
			args[param] = extras[i]
		}
		body += r.checked(fn + "(" + strings.Join(args, ", ") + ")")
	}
	return piece{code: comment + "func init() {\n" + pkg + ".ForwardSpecs(" + strconv.Quote(r.namespace) +
		", func(spec *" + pkg + ".Spec, plugin " + plugin + ") {\n" + body + "\n})\n}"}.String()
}

// local returns the identifier of a local variable in a file that has the name of a parameter or a
// field, "" if others have it.
func (w *rewriter) local(f *file, name string, others ...string) string {
	name = lowerFirst(name)
	if slices.Contains(others, name) || w.taken(f, name) || token.IsKeyword(name) || name == "strconv" ||
		types.Universe.Lookup(name) != nil {
		return ""
	}
	return name
}
