package main

import (
	"opaque/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `opaque/lib/lib.go:.* there is no namespace opaqe .did you mean "opaque"` `opaque/lib/lib.go:.* there is no namespace opaque.elsewhere .did you mean "opaque"`

func main() {
	options := []registry.Option{registry.WithConcurrency(1)}
	registry.NewManager[lib.Contract]("elsewhere", options...)                // want `there is no namespace elsewhere \(did you mean "opaque"\?\)`
	registry.For[lib.Loaded]("elsewhere", option())                           // want `there is no namespace elsewhere \(did you mean "opaque.loaded"\?\)`
	registry.NewSet[lib.Contract]("elsewhere", registry.WithFilter(nil))      // want `there is no namespace elsewhere \(did you mean "opaque"\?\)`
	registry.NewSet[lib.Contract]("elsewhere", registry.WithOverlap())        // want `there is no namespace elsewhere \(did you mean "opaque"\?\)`
	registry.NewManager[lib.Two]("opaque.third", options...)                  // want `there is no namespace opaque.third; lib.Two is the contract of opaque.first, opaque.second`
	registry.NewManager[lib.Two]("opaque.frist", options...)                  // want `there is no namespace opaque.frist \(did you mean "opaque.first"\?\)`
	registry.NewManager[func()]("elsewhere", options...)                      // what it has, the options say
	registry.NewManager[lib.Contract]("opaque", options...).Load(nil, "none") // and which plugins
}

func option() registry.Option { return registry.WithFailFast() }
