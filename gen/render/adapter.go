package render

import (
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/gen/genfile"
)

func (s *Spec) adapterName() string { return "func" + s.Identifier }

// adapter writes a type around the FunctionPlugin of a function, with the methods that
// its contract asks for.
func (r *renderer) adapter(s *Spec) {
	a := s.Adapter
	var params, args, types []jen.Code
	for i, text := range a.Params {
		name := "a" + strconv.Itoa(i)
		typ := r.typ(text, s.Imports)
		arg := jen.Id(name)
		if a.Variadic && i == len(a.Params)-1 {
			typ = jen.Op("...").Add(typ)
			arg = arg.Op("...")
		}
		types = append(types, typ)
		params = append(params, jen.Id(name).Add(typ))
		args = append(args, arg)
	}
	var results []jen.Code
	for _, text := range a.Results {
		results = append(results, r.typ(text, s.Imports))
	}
	r.out.Line()
	r.out.Commentf("%s makes %s satisfy %s, as http.HandlerFunc does for http.Handler.", s.adapterName(), s.Symbol, s.Contract.Name)
	r.out.Type().Id(s.adapterName()).Struct(
		jen.Op("*").Add(r.registry("FunctionPlugin")).Types(jen.Func().Params(types...).Params(results...)),
	)
	call := jen.Id("p").Dot("FunctionPlugin").Dot("Func").Call(args...)
	if len(results) > 0 {
		call = jen.Return(call)
	}
	r.method(s, jen.Id(a.Method).Params(params...).Params(results...), call)
	r.lifecycleOf(s)
}

// lifecycleOf writes those methods of the lifecycle that a contract asks for and that a
// FunctionPlugin does not have as they are.
func (r *renderer) lifecycleOf(s *Spec) {
	ctx := jen.Qual("context", "Context")
	asked := func(method string) bool { return slices.Contains(s.Adapter.Lifecycle, method) }
	if asked(genfile.LoadArgMethod) {
		r.method(s, jen.Id("Load").Params(jen.Id("ctx").Add(ctx), jen.Id("_").Add(r.typ(s.Adapter.LoadArg, s.Adapter.LoadImports))).Error(),
			jen.Return(jen.Id("p").Dot("FunctionPlugin").Dot("Load").Call(jen.Id("ctx"))))
	}
	if asked(genfile.ShouldLoadMethod) {
		r.method(s, jen.Id("ShouldLoad").Params().Bool(), jen.Return(jen.True()))
	}
	if asked(genfile.CloseMethod) {
		r.method(s, jen.Id("Close").Params().Error(), jen.Return(jen.Nil()))
	}
	if asked(genfile.CloseCtxMethod) {
		r.method(s, jen.Id("Close").Params(ctx).Error(), jen.Return(jen.Nil()))
	}
}

func (r *renderer) method(s *Spec, signature, body *jen.Statement) {
	r.out.Line()
	r.out.Func().Params(jen.Id("p").Id(s.adapterName())).Add(signature).Block(body)
}
