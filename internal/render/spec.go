package render

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// spec writes the variable of a plugin, and the functions that it refers to.
func (r *builder) spec(s *Spec) {
	r.comment("%s is the plugin %s:%s.", s.Identifier, s.Namespace, s.Name)
	r.out.Comment("//")
	r.directive(genfile.SpecRecord + strings.Join(s.words(), " "))
	r.out.Var().Add(id(s.Identifier)).Op("=").Add(table(r.registry("Spec"), elements(r.fields(s))...))
	if s.Kind != annotate.Spec {
		r.factory(s)
	}
	if s.Contract != nil {
		r.assertion(s)
	}
	if s.ShouldLoad != nil && !direct(s.ShouldLoad) {
		r.shouldLoadFunc(s)
	}
	if s.Adapter != nil {
		r.adapter(s)
	}
	r.methods(s)
}

// fields returns what the variable of a plugin holds.
func (r *builder) fields(s *Spec) []field {
	all := []field{{"Namespace", jen.Lit(s.Namespace)}, {"Name", jen.Lit(s.Name)}}
	add := func(name string, value jen.Code) { all = append(all, field{name, value}) }
	if s.Kind == annotate.Spec {
		add("Var", prefixed("&", id(s.Symbol)))
	} else {
		add(s.constructor(), jen.Id(s.newName()))
	}
	if s.Options != nil {
		add("Options", prefixed("&", jen.Id(s.Options.table)))
		if s.Options.Reloads {
			add("Reload", concat(r.generated("Reload"), jen.Op("["), jen.Id(s.Options.typ), jen.Op("]")))
		}
	}
	if s.ShouldLoad != nil {
		add("ShouldLoad", r.shouldLoad(s))
	}
	for property := range s.All() {
		if value := r.property(property); value != nil {
			add(property.Field, value)
		}
	}
	add("Package", jen.Lit(r.names.Path))
	add("Symbol", jen.Lit(s.Symbol.String()))
	if at := r.at(s); at != nil {
		add("At", at)
	}
	return all
}

// property returns the value of a property, or nil if it has the zero value.
func (r *builder) property(p annotate.Property) jen.Code {
	switch value := p.Value.(type) {
	case *string:
		if *value != "" {
			return jen.Lit(*value)
		}
	case *int:
		if *value != 0 {
			return jen.Lit(*value)
		}
	case *[]string:
		if len(*value) > 0 {
			return values(jen.Op("[]string"), literals(*value)...)
		}
	case *[]annotate.Attr:
		if len(*value) > 0 {
			return values(prefixed("[]", r.registry("Attr")), attrs(*value)...)
		}
	}
	return nil
}

func literals(texts []string) []jen.Code {
	var all []jen.Code
	for _, text := range texts {
		all = append(all, jen.Lit(text))
	}
	return all
}

func attrs(attrs []annotate.Attr) []jen.Code {
	var all []jen.Code
	for _, a := range attrs {
		all = append(all, values(jen.Null(), concat(jen.Op("Key: "), jen.Lit(a.Key)),
			concat(jen.Op("Value: "), jen.Lit(a.Value))))
	}
	return all
}

// words returns what a host in another module needs to know of the plugin.
func (s *Spec) words() []string {
	words := []string{s.Kind.String()}
	if s.Contract != nil {
		words = append(words, genfile.Asserted)
	}
	if s.Factory == nil && len(s.TypeArgs) == 0 && s.Kind != annotate.Spec && !s.Address {
		words = append(words, genfile.IsSymbol)
	}
	return words
}

// at returns a function that is declared with the plugin, nil if there is none.
func (r *builder) at(s *Spec) *jen.Statement {
	switch {
	case s.Kind == annotate.Func:
		return r.symbol(s)
	case s.Kind == annotate.Factory:
		return r.instance(s.Factory.Symbol, s)
	case s.Method != code.Ident{}:
		return concat(jen.Op("(*"), r.symbol(s), jen.Op(")."), id(s.Method))
	}
	return nil
}

// symbol returns what declares the plugin, with its type arguments.
func (r *builder) symbol(s *Spec) *jen.Statement { return r.instance(s.Symbol, s) }

func (r *builder) instance(symbol code.Ident, s *Spec) *jen.Statement {
	return instance(id(symbol), r.types(s.TypeArgs))
}

// any returns the type any, which a package may have hidden.
func (r *builder) any() *jen.Statement {
	if r.names.NoAny {
		return jen.Interface()
	}
	return jen.Any()
}

// factory writes the function that makes the plugin.
func (r *builder) factory(s *Spec) {
	var body []jen.Code
	usesSpec := false
	switch s.Kind {
	case annotate.Func:
		usesSpec = true
		body = r.function(s)
	case annotate.Var:
		value := id(s.Symbol)
		if s.Address {
			value = prefixed("&", value)
		}
		body = []jen.Code{made(r.asserted(s, value))}
	default:
		usesSpec = s.Factory != nil && s.Factory.Arg != annotate.NoArg
		body = r.build(s)
	}
	params := []jen.Code{r.specPointer()}
	if usesSpec || s.takesOptions() {
		params[0] = jen.Id(r.names.Spec).Add(params[0])
	}
	if s.takesOptions() {
		params = append(params, jen.Id(r.names.Options).Add(r.any()))
	}
	r.out.Line()
	r.out.Func().Add(call(jen.Id(s.newName()), params...), results([]jen.Code{r.any(), jen.Error()})).Block(body...)
}

// takesOptions reports whether the plugin's factory takes options.
func (s *Spec) takesOptions() bool { return s.Options != nil && s.Options.Param }

// constructor returns the field of the function that makes the plugin.
func (s *Spec) constructor() string {
	if s.takesOptions() {
		return "NewWith"
	}
	return "New"
}

// made returns the plugin from the function that makes it.
func made(plugin jen.Code) *jen.Statement { return jen.Return(list(plugin, jen.Nil())) }

// build returns the body that makes a plugin with new or with a factory.
func (r *builder) build(s *Spec) []jen.Code {
	if s.Factory == nil && r.names.NoNew {
		return []jen.Code{
			jen.Var().Id(r.names.Plugin).Add(r.symbol(s)),
			made(r.asserted(s, prefixed("&", jen.Id(r.names.Plugin)))),
		}
	}
	if s.Factory == nil {
		return []jen.Code{made(r.asserted(s, jen.New(r.symbol(s))))}
	}
	plugin := r.call(r.instance(s.Factory.Symbol, s), s.Factory, r.optionsArg(s)...)
	if !s.Factory.Error {
		return []jen.Code{made(r.asserted(s, plugin))}
	}
	return []jen.Code{
		list(jen.Id(r.names.Plugin), jen.Id(r.names.Err)).Op(":=").Add(plugin),
		jen.If(jen.Id(r.names.Err).Op("!=").Nil()).Block(jen.Return(list(jen.Nil(), jen.Id(r.names.Err)))),
		made(r.asserted(s, jen.Id(r.names.Plugin))),
	}
}

// optionsArg returns what a factory is given for its options, nothing if it takes none.
func (r *builder) optionsArg(s *Spec) []jen.Code {
	if !s.takesOptions() {
		return nil
	}
	arg := concat(jen.Id(r.names.Options), jen.Op(".(*"), jen.Id(s.Options.typ), jen.Op(")"))
	if s.Options.Pointer {
		return []jen.Code{arg}
	}
	return []jen.Code{prefixed("*", arg)}
}

// call writes the call of a function of the package, with more arguments than it has without
// options.
func (r *builder) call(fn *jen.Statement, c *Call, more ...jen.Code) *jen.Statement {
	switch c.Arg {
	case annotate.NameArg:
		return call(fn, append([]jen.Code{selected(jen.Id(r.names.Spec), "Name")}, more...)...)
	case annotate.SpecArg:
		return call(fn, append([]jen.Code{jen.Id(r.names.Spec)}, more...)...)
	}
	return call(fn, more...)
}

// asserted passes a plugin through the function that takes its contract, so that the
// compiler checks it. The compiler's message then names the plugin, in the function's
// name, along with the contract and the method that is missing.
func (r *builder) asserted(s *Spec, plugin *jen.Statement) *jen.Statement {
	if s.Contract == nil {
		return plugin
	}
	return call(jen.Id(s.assertionName()), plugin)
}

func (s *Spec) newName() string        { return "new" + s.Identifier.String() }
func (s *Spec) shouldLoadName() string { return "shouldLoad" + s.Identifier.String() }
func (s *Spec) assertionName() string  { return genfile.AssertionPrefix + s.Identifier.String() }

// assertion writes the function that asserted passes the plugin through.
func (r *builder) assertion(s *Spec) {
	plugin := r.names.Plugin
	r.out.Line()
	r.comment("%s is where the compiler checks that %s satisfies the contract.", s.assertionName(), s.Symbol)
	r.out.Func().Add(call(jen.Id(s.assertionName()), jen.Id(plugin).Add(r.contract(*s.Contract))),
		r.contract(*s.Contract)).Block(jen.Return(jen.Id(plugin)))
}

// function returns the body that makes a FunctionPlugin, or a type of its own around
// one.
func (r *builder) function(s *Spec) []jen.Code {
	fn := r.symbol(s)
	if !s.Interface {
		fn = r.asserted(s, fn) // of a func type
	}
	wrap := call(r.registry("NewFunctionPlugin"), jen.Id(r.names.Spec), fn)
	if (s.Load == code.Ident{}) {
		return []jen.Code{made(r.wrapped(s, wrap))}
	}
	return []jen.Code{
		jen.Id(r.names.Plugin).Op(":=").Add(wrap),
		selected(jen.Id(r.names.Plugin), "OnLoad").Op("=").Add(id(s.Load)),
		made(r.wrapped(s, jen.Id(r.names.Plugin))),
	}
}

// wrapped returns what a function's plugin is, given its FunctionPlugin.
func (r *builder) wrapped(s *Spec, plugin *jen.Statement) *jen.Statement {
	if s.Adapter != nil {
		plugin = values(jen.Id(s.adapterName()), plugin)
	}
	if s.Interface {
		plugin = r.asserted(s, plugin)
	}
	return plugin
}

// direct reports whether a should_load function has the very type of the field.
func direct(c *Call) bool { return !c.Value && c.Arg == annotate.SpecArg }

func (r *builder) shouldLoad(s *Spec) *jen.Statement {
	if direct(s.ShouldLoad) {
		return id(s.ShouldLoad.Symbol)
	}
	return jen.Id(s.shouldLoadName())
}

func (r *builder) shouldLoadFunc(s *Spec) {
	param := r.specPointer()
	value := id(s.ShouldLoad.Symbol)
	if s.ShouldLoad.Arg != annotate.NoArg {
		param = jen.Id(r.names.Spec).Add(param)
	}
	if !s.ShouldLoad.Value {
		value = r.call(value, s.ShouldLoad)
	}
	r.out.Line()
	r.out.Func().Add(call(jen.Id(s.shouldLoadName()), param)).Bool().Block(jen.Return(value))
}

// methods makes the compiler check the methods that a manager calls if a plugin has
// them: one with another signature would not be called.
func (r *builder) methods(s *Spec) {
	for _, record := range s.Methods {
		r.out.Line()
		method := r.lifecycleMethod(rules.Recorded(record))
		r.out.Var().Id("_").Op("interface").Block(method).Op("=").Add(nilPointer(r.symbol(s)))
	}
}

// lifecycleMethod writes a method that a manager calls, as an interface has it. Its parameters
// must be contexts.
func (r *builder) lifecycleMethod(m *rules.Method) *jen.Statement {
	var params []jen.Code
	for range m.Params {
		params = append(params, r.contextType())
	}
	method := call(jen.Id(m.Name), params...)
	if m.Result == rules.BoolType {
		return method.Bool()
	}
	return method.Error()
}
