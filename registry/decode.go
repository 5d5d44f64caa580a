package registry

import (
	"fmt"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// Decode returns a new *T filled from the configuration of the program: from the
// section that //plugin:options section=path above T names. cfg is the whole
// configuration, or that section. The error is [config.Errors], with everything that is
// wrong in the section. Decode is safe for concurrent use.
//
// plugingen links the description of T into [Default]. If there is none, the error says
// what to do.
func Decode[T any](cfg config.Value) (*T, error) {
	sections := Default.sections()
	for _, s := range sections {
		if s.Options == nil {
			continue
		}
		if _, ok := s.Options.Zero.(*T); ok {
			target := s.Options.New()
			if err := generated.Fill(requestOf(cfg, s.Options, target, sections)).Err; err != nil {
				return nil, err
			}
			t, ok := target.(*T)
			if !ok {
				return nil, fmt.Errorf("the description of %T makes a %T", t, target)
			}
			return t, nil
		}
	}
	return nil, fmt.Errorf("there is no description of the options of %T: put "+
		"//plugin:options section=... above the type, //plugin:link above the package clause of the program, "+
		"run plugingen ./..., and build again", *new(T))
}
