package freshness_test

import (
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer/internal/freshness"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
)

// A spec matches its plugin if all that both have is the same.
func TestSpecMatches(t *testing.T) {
	is := is.New(t)
	plugin := func() *annotate.Plugin {
		p := &annotate.Plugin{Kind: annotate.Type, Symbol: "T"}
		for property := range p.All() {
			set(property, "x")
		}
		return p
	}
	p := plugin()
	s := genfile.Spec{Kind: p.Kind, Symbol: p.Symbol, Properties: p.Properties}
	is.True(freshness.SpecMatches(plugin(), s))
	for property := range p.All() {
		other := plugin()
		for changed := range other.All() {
			if changed.Key == property.Key {
				set(changed, "other")
			}
		}
		is.True(!freshness.SpecMatches(other, s)) // property.Key
	}
	other := plugin()
	other.Requires = []string{}
	s.Requires = nil
	is.True(freshness.SpecMatches(other, s)) // no requirement is no requirement
	other.Kind = annotate.Var
	is.True(!freshness.SpecMatches(other, s))
	other.Kind, other.Symbol = p.Kind, "U"
	is.True(!freshness.SpecMatches(other, s))
}

// set sets a property to a value that is made of a text.
func set(p annotate.Property, text string) {
	switch value := p.Value.(type) {
	case *string:
		*value = text
	case *int:
		*value = len(text)
	case *[]string:
		*value = []string{text}
	case *[]annotate.Attr:
		*value = []annotate.Attr{{Key: "x_a", Value: text}}
	}
}
