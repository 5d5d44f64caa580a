package render

import "github.com/dave/jennifer/jen"

// Code for which jennifer has no function, or only a long call.

// concat writes the parts with nothing in between.
func concat(parts ...jen.Code) *jen.Statement { return jen.Custom(jen.Options{}, parts...) }

// list writes the parts with commas in between.
func list(parts ...jen.Code) *jen.Statement { return within("", "", parts) }

func within(open, end string, parts []jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: open, Close: end, Separator: ", "}, parts...)
}

// call writes fn(a, b), and also a name with its parameters.
func call(fn jen.Code, args ...jen.Code) *jen.Statement { return concat(fn, within("(", ")", args)) }

// instance writes generic[A, B], or the name alone if it is not generic.
func instance(generic jen.Code, typeArgs []jen.Code) *jen.Statement {
	if len(typeArgs) == 0 {
		return concat(generic)
	}
	return concat(generic, within("[", "]", typeArgs))
}

// values writes typ{a, b}.
func values(typ jen.Code, elements ...jen.Code) *jen.Statement {
	return concat(typ, within("{", "}", elements))
}

// table writes typ{a, b} with each element on a line of its own.
func table(typ jen.Code, elements ...jen.Code) *jen.Statement {
	return concat(typ, jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, elements...))
}

// function writes func(a, b) result, of a type.
func function(params, result []jen.Code) *jen.Statement {
	return call(jen.Func(), params...).Add(results(result))
}

func prefixed(operator string, operand jen.Code) *jen.Statement {
	return concat(jen.Op(operator), operand)
}

// nilPointer writes (*typ)(nil).
func nilPointer(typ jen.Code) *jen.Statement {
	return concat(jen.Op("(*"), typ, jen.Op(")(nil)"))
}

func selected(operand jen.Code, name string) *jen.Statement {
	return concat(operand, jen.Op("."), jen.Id(name))
}

// results writes what follows the parameters of a function.
func results(types []jen.Code) *jen.Statement {
	switch len(types) {
	case 0:
		return jen.Null()
	case 1:
		return concat(types[0])
	}
	return within("(", ")", types)
}

// A field is an element of a composite literal.
type field struct {
	name  string
	value jen.Code
}

func elements(all []field) []jen.Code {
	var elements []jen.Code
	for _, f := range all {
		elements = append(elements, concat(jen.Id(f.name), jen.Op(": "), f.value))
	}
	return elements
}
