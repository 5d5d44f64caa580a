package reference_test

import (
	"testing"

	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/reference"
)

// TestEachPropertyIsDocumented checks that the Markdown of an option shows each of its properties.
func TestEachPropertyIsDocumented(t *testing.T) {
	page := func(p options.Properties) string {
		row := reference.OptionRow{Name: "option", Type: "string", Properties: p}
		d := reference.Document{Sections: []reference.SectionPage{
			{Section: "section", Options: []reference.OptionRow{row}},
		}}
		return string(d.Markdown())
	}
	var p options.Properties
	for property := range p.All() {
		switch value := property.Value.(type) {
		case *bool:
			*value = true
		case *string:
			*value = "text"
		case *[]string:
			*value = []string{"text"}
		}
		if page(p) == page(options.Properties{}) {
			t.Errorf("notes says nothing of %s", property.Field)
		}
		p = options.Properties{}
	}
}
