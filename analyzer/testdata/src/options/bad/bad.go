package bad

import (
	"context"
	"net/netip"
	"time"
)

//plugin:namespace=options.tagged options=toml
type Contract interface{ Run() }

// Bad has options with errors.
//
//plugin:namespace=options.bad name=bad
type Bad struct {
	Addr    netip.Addr       `plugin:"option default=localhost"` // want `option addr: default "localhost" is not a net/netip.Addr`
	Port    int              `plugin:"option min=2 max=1"`       // want `option port: min 2 is greater than max 1`
	Typo    string           `plugin:"option requird"`           // want `unknown key "requird" \(did you mean "required"\?\)`
	Iface   context.Context  `plugin:"option"`                   // want `field Iface \(context.Context\) can't be an option`
	private string           `plugin:"option"`                   // want `field private is not exported`
	Other   string           `plugin:"option=typo"`              // want `two options are called typo`
	Wait    []time.Duration  `plugin:"option default=1s,2"`      // want `option wait: default "2" is not a duration`
	Ports   map[string]Size  `plugin:"option pattern=x"`         // want `option ports: key "pattern" is not for a map of integers`
}

type Size int64

func (*Bad) Validate() bool { return true } // want `Validate is called with the options of Bad, but it has another signature`

// Tagged takes its options from toml tags.
//
//plugin:namespace=options.tagged name=tagged
type Tagged struct {
	Interval time.Duration `toml:"interval" plugin:"default=10"` // want `option interval: default "10" is not a duration`
	Plain    int           `toml:"plain"`
}

func (*Tagged) Run() {}

type Unused struct {
	A int `plugin:"option"` // want `the options of Unused have no effect`
}

// Other programs have such a tag, too.
type Foreign struct {
	A int `plugin:"a,required"`
	B int `plugin:"default=3"`
}

type Options struct {
	Dir string `plugin:"option required default=x"` // want `option dir: it is required, so its default is never used`
}

type Product struct{}

//plugin:namespace=options.bad name=product factory
func New(name string, o *Options) (*Product, error) { return &Product{}, nil }

//plugin:namespace=options.bad name=none factory
func NewNone(o Foreign) *Product { return &Product{} } // want `NewNone can't be a factory: it takes Foreign, which has no options`
