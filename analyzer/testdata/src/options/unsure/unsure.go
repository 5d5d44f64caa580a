package unsure

import "options/shared"

// Unsure has options of types that can't be read here, since there is no module.
//
//plugin:namespace=options.unsure name=unsure
type Unsure struct {
	TLS    *shared.TLS `plugin:"option"`
	Shared shared.Port `plugin:"option default=x"`
	Own    int         `plugin:"option default=x"` // want `option own: default "x" is not an integer`
}

type Perhaps struct {
	A int `plugin:"option"`
}
