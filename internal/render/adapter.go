package render

import (
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/internal/rules"
)

func (s *Spec) adapterName() string { return "func" + s.Identifier.String() }

// adapter writes a type around the FunctionPlugin of a function, with the methods that
// its contract asks for.
func (r *builder) adapter(s *Spec) {
	a := s.Adapter
	var params, args, types []jen.Code
	for i, t := range a.Params {
		name := "a" + strconv.Itoa(i)
		typ := r.typ(t)
		arg := jen.Id(name)
		if a.Variadic && i == len(a.Params)-1 {
			typ = prefixed("...", typ)
			arg = concat(arg, jen.Op("..."))
		}
		types = append(types, typ)
		params = append(params, jen.Id(name).Add(typ))
		args = append(args, arg)
	}
	returned := r.types(a.Results)
	r.out.Line()
	r.comment(
		"%s makes %s satisfy %s, as http.HandlerFunc does for http.Handler.",
		s.adapterName(), s.Symbol, s.Contract.Name)
	r.out.Type().Id(s.adapterName()).Op("struct").Block(
		prefixed("*", instance(r.registry("FunctionPlugin"), []jen.Code{function(types, returned)})),
	)
	body := call(jen.Id("p.FunctionPlugin.Func"), args...)
	if len(returned) > 0 {
		body = jen.Return(body)
	}
	r.method(s, call(id(a.Method), params...).Add(results(returned)), body)
	r.lifecycleOf(s)
}

// lifecycleOf writes those methods of the lifecycle that the contract requires and that
// FunctionPlugin does not have with the same signature.
func (r *builder) lifecycleOf(s *Spec) {
	requires := func(m *rules.Method) bool { return slices.Contains(s.Adapter.Lifecycle, m.Record) }
	if requires(rules.LoadArgument) {
		arg := r.typ(s.Adapter.LoadArg)
		r.method(s, call(jen.Id("Load"), jen.Id("ctx").Add(r.contextType()), jen.Id("_").Add(arg)).Error(),
			jen.Return(call(jen.Id("p.FunctionPlugin.Load"), jen.Id("ctx"))))
	}
	if requires(rules.ShouldLoadBool) {
		r.method(s, r.lifecycleMethod(rules.ShouldLoadBool), jen.Return(jen.True()))
	}
	for _, m := range []*rules.Method{rules.CloseWithoutContext, rules.CloseContext} {
		if requires(m) {
			r.method(s, r.lifecycleMethod(m), jen.Return(jen.Nil()))
		}
	}
}

func (r *builder) method(s *Spec, signature, body *jen.Statement) {
	r.out.Line()
	r.out.Func().Add(within("(", ")", []jen.Code{jen.Id("p").Id(s.adapterName())}), signature).Block(body)
}
