package target_test

import (
	"go/token"
	"go/types"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer/internal/target"
)

// The tags of types are read as those of syntax are.
func TestOptionTags(t *testing.T) {
	for _, test := range []struct {
		tag        string
		option, as string // "" without the key
	}{
		{`plugin:"option=name"`, "name", ""},
		{`plugin:"option"`, "bare", ""},
		{`plugin:"default=3 option=name"`, "name", ""},
		{`json:"n" plugin:"required option=name as=Number"`, "name", "Number"},
		{`plugin:"option=name doc=\"an option=other as=text\""`, "name", ""},
		{"plugin:\"option=name doc=`as=text`\"", "name", ""},
		{`plugin:"as=Number"`, "", "Number"}, // for a library's tag, which makes it an option
		{`plugin:"namespace=a.b name=c"`, "", ""},
		{`json:"option=name"`, "", ""},
		{`plugin:""`, "", ""},
		{``, "", ""},
	} {
		t.Run(test.tag, func(t *testing.T) {
			is := is.New(t)
			field := func(name string) *types.Var {
				return types.NewField(token.NoPos, nil, name, types.Typ[types.Int], false)
			}
			tags := target.OptionTags(types.NewStruct([]*types.Var{field("A"), field("B")}, []string{"", test.tag}))
			is.Equal(len(tags), 2)
			text := func(key string) string {
				switch pair := tags[1].Get(key); {
				case pair == nil:
					return ""
				case len(pair.Values) == 0:
					return "bare"
				default:
					return pair.Values[0].Text
				}
			}
			is.Equal(text("option"), test.option)
			is.Equal(text("as"), test.as)
		})
	}
}
