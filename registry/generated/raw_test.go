package generated_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

type rawOptions struct{ Raw json.RawMessage }

var describeRaw = generated.Options{
	Type:    "example.com/raw.Options",
	Zero:    (*rawOptions)(nil),
	New:     func() any { return new(rawOptions) },
	Fill:    func(d *generated.Decoder, target any) { fillRaw(d, target.(*rawOptions)) },
	Options: []generated.Option{{Name: "raw", Type: "any"}},
}

func fillRaw(d *generated.Decoder, o *rawOptions) {
	d.Begin()
	if d.Option(0) {
		generated.RawJSON(d, &o.Raw)
	}
	d.End()
}

func rawOf(v config.Value) (json.RawMessage, error) {
	var o rawOptions
	filled := generated.Fill(generated.Request{Value: v, Options: &describeRaw, Target: &o})
	return o.Raw, filled.Err
}

// TestRawJSON reads values as they are, and then as what encoding/json makes of the JSON that
// is kept of them: both are the same.
func TestRawJSON(t *testing.T) {
	for _, said := range []string{
		"null", "true", "0", "-12", "18446744073709551615", "2.5", "1e300", "-0.000001", `""`,
		`"a \"b\" \\ / \u0000\u001f\u007f\u2028 é 😀 <&>"`, "[]", "{}",
		`[1, [2, "x", null], {"b": {"a": false}, "a\n": []}]`,
	} {
		t.Run(said, func(t *testing.T) {
			is := is.New(t)
			cfg, err := config.Load(config.JSON("a.json", []byte(`{"raw": `+said+`}`)))
			is.NoErr(err)
			got, err := rawOf(cfg)
			is.NoErr(err)
			is.Equal(decodeJSON(t, got), decodeJSON(t, []byte(said)))
		})
	}
}

func decodeJSON(t *testing.T, data []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return normal(v)
}

// normal makes numbers that are the same equal.
func normal(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = normal(v[k])
		}
	}
	return v
}

// TestRawJSONOfText keeps what comes of the environment: JSON as such, and all else as a string.
func TestRawJSONOfText(t *testing.T) {
	for said, want := range map[string]string{`{"b": 1, "a": [true]}`: `{"a":[true],"b":1}`, "x y": `"x y"`, "5": `"5"`} {
		is := is.New(t)
		cfg, err := config.Load(config.Set("raw=" + said))
		is.NoErr(err)
		got, err := rawOf(cfg)
		is.NoErr(err)
		is.True(reflect.DeepEqual(string(got), want))
	}
}
