package scan

import (
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/rules"
)

// A text by itself is decided as it is in a file.
func TestAnnotated(t *testing.T) {
	for src, want := range map[string]bool{
		"//plugin:namespace=a":                             true,
		"// plugin:namespace=a":                            true,
		"//Plugin:namespace=a":                             true,
		"//PLUGIN:namespace=a":                             true,
		"// +plugin:namespace=a":                           true,
		"//plug-in:namespace=a":                            true,
		"/* plugin namespace=a */":                         true,
		"// plugin link":                                   true,
		"//plugingen:link":                                 true,
		"//plugins.x: name=b":                              true,
		"\t_ struct{} `plugin:\"namespace=a\"`":            true,
		"\t_ struct{} `Plug_in:\"namespace=a\"`":           true,
		`import "github.com/plugingen/plugingen/registry"`: true,
		"//pluign:namespace=a name=b":                      true,
		"\t//plgin:name=b namespace=a":                     true,
		"//plug:namespace=a":                               true,
		"//go:plugin namespace=a":                          true,
		"//go:plugin:namespace=a":                          true,
		"//pluggin:link":                                   true,
		"//plgin:link":                                     true,
		"//go:plgin:link":                                  true,
		"// pluggin:namespace=a":                           true,
		"//plugin.namespace=a":                             true,
		"//plugin/link":                                    true,
		"//plugin:{\"namespace\":\"a\"}":                   true,
		"//plugin:$x":                                      true,
		"//plugin(namespace=a)":                            true,
		"// @plugin namespace=a":                           true,
		"// +kubebuilder:rbac:groups=x,namespace=a":        false,
		"//pulgin:link":                                    true,
		"//go:linkname a b":                                false,
		"// login namespace=a":                             false,
		"x := \"login:namespace=a\"":                       false,
		"// A plugin is a thing that can be loaded.":       false,
		"func loadPlugins(plugins []Plugin) error {":       false,
		"":     false,
		"plug": false,
	} {
		t.Run(src, func(t *testing.T) {
			is := is.New(t)
			is.Equal(Annotated([]byte("package p\n\n"+src+"\n")), want)
			text := strings.TrimLeft(src, "\t")
			is.Equal(AnnotatedText(text), want)
			is.True(!want || rules.MentionsPlugin(text) || rules.MisspeltMarker(text)) // nor does annotate pass over it
		})
	}
}
