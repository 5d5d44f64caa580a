package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Each malformed text is one error, with the place, and without what the text says.
func TestMalformedJSON(t *testing.T) {
	for data, want := range map[string]string{
		``:                         "1:1: invalid JSON: expected a value; the text ends here",
		"\n\n":                     "3:1: invalid JSON: expected a value; the text ends here",
		`{`:                        "1:2: invalid JSON: expected a name in \"; the text ends here",
		`{"a"`:                     "1:5: invalid JSON: expected : after a name; the text ends here",
		`{"a":`:                    "1:6: invalid JSON: expected a value; the text ends here",
		`{"a":1`:                   "1:7: invalid JSON: expected , or } after a value; the text ends here",
		`{"a":1,`:                  "1:8: invalid JSON: expected a name in \"; the text ends here",
		`{"a":1,}`:                 "1:8: invalid JSON: a comma before }",
		`{"a":[1,]}`:               "1:9: invalid JSON: a comma before ]",
		`{"a":[1 s3cr3t]}`:         "1:9: invalid JSON: expected , or ] after a value",
		`{s3cr3t:1}`:               "1:2: invalid JSON: expected a name in \"",
		`{"a":s3cr3t}`:             "1:6: invalid JSON: expected a value",
		`{"a":"s3cr3t}`:            "1:14: invalid JSON: expected \" at the end of a string; the text ends here",
		"{\r\n\t\"é\": \"s3cr3t\n": "2:15: invalid JSON: a control character in a string; write \\n for a line break",
		`{"a":"\s3cr3t"}`:          "1:8: invalid JSON: unknown escape; write \\\\ for a backslash",
		`{"a":"\u12"}`:             "1:8: invalid JSON: expected four hexadecimal digits after \\u",
		`{"a":"\u12s3cr3t"}`:       "1:8: invalid JSON: expected four hexadecimal digits after \\u",
		`{"a":"\ud800 s3cr3t"}`:    "1:13: invalid JSON: half of a surrogate pair is no character",
		`{"a":01}`:                 "1:7: invalid JSON: a number begins with 0",
		`{"a":-}`:                  "1:7: invalid JSON: expected a digit",
		`{"a":1.}`:                 "1:8: invalid JSON: expected a digit after the point",
		`{"a":1e}`:                 "1:8: invalid JSON: expected a digit in the exponent",
		`{"a":.5}`:                 "1:6: invalid JSON: expected a value",
		`{"a":+5}`:                 "1:6: invalid JSON: expected a value",
		`{"a":NaN}`:                "1:9: invalid JSON: NaN and Infinity are no numbers of JSON",
		`{"a":-Infinity}`:          "1:7: invalid JSON: expected a digit",
		`{"a":nul}`:                "1:6: invalid JSON: expected a value",
		`{"a":1}{"a":2}`:           "1:8: invalid JSON: expected the end after the value",
		`{"a":1} // s3cr3t`:        "1:9: invalid JSON: expected the end after the value",
		`["s3cr3t"]`:               "1:1: expected a table of names and values, got a list",
		`"s3cr3t"`:                 "1:1: expected a table of names and values, got a string",
		"{\"a\":\"s3cr3t\xff\"}":   "1:13: invalid UTF-8",
		"{\n\"a\":\"é\xc3\"}":      "2:8: invalid UTF-8",
		"\xff\xfe{\x00":            "1:1: the file is UTF-16; save it as UTF-8",
		"\ufeff{s":                 "1:2: invalid JSON: expected a name in \"",
		"{\"a\":1,\n\"a\":2}":      "2:1: duplicate name a: the first is in line 1",
		`{"a":{"\u0062":1,"b":2}}`: "1:18: duplicate name b: the first is in line 1",
	} {
		_, err := Load(JSON("f", []byte(data)))
		if err == nil || err.Error() != "f:"+want {
			t.Errorf("%q:\ngot  %v\nwant f:%s", data, err, want)
		}
	}
}

// What is absurd is refused, in time that is linear in its size.
func TestAbsurdJSONTakesLinearTime(t *testing.T) {
	is := is.New(t)
	nested := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	_, err := Load(JSON("f", []byte(nested(100))))
	is.NoErr(err)
	for data, want := range map[string]string{
		nested(101):                              "f:1:501: more than 100 tables and lists in each other",
		nested(10_000):                           "f:1:501: more than 100 tables and lists in each other",
		nested(999_999):                          "f:1:501: more than 100 tables and lists in each other",
		`{"a":` + strings.Repeat("[", 3_000_000): "f:1:105: more than 100 tables and lists in each other",
		`{"a":[` + strings.Repeat("1,", 600_000) + `1]}`: "f:1:1000005: more than 500000 values",
		`{"a":"` + strings.Repeat("x", maxFile) + `"}`:   "f:1:1: the file is larger than 16 MiB",
	} {
		_, err := Load(JSON("f", []byte(data)))
		is.True(err != nil)
		is.Equal(err.Error(), want)
	}

	// The errors of a file are bounded, too.
	_, err = Load(JSON("f", []byte(`{"a":1`+strings.Repeat(`,"a":1`, 10_000)+`}`)))
	is.Equal(len(err.(Errors)), tree.MaxErrors)
	_, err = Load(FromMap("f", map[string]any{"a": make([]chan int, 10_000)}))
	is.Equal(len(err.(Errors)), tree.MaxErrors)

	large := filepath.Join(t.TempDir(), "large.json")
	is.NoErr(os.WriteFile(large, nil, 0o600))
	is.NoErr(os.Truncate(large, 100<<20)) // a hole: nothing is written
	_, err = Load(JSONFile(large))
	is.Equal(err.Error(), large+": the file is larger than 16 MiB")
}

// Duplicates are found in large tables, as in small ones, and lookup finds all.
func TestLargeTable(t *testing.T) {
	is := is.New(t)
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "%q:%d,", fmt.Sprint(i*7919%10_000), i)
	}
	v, err := Load(JSON("f", []byte("{"+b.String()+`"x":1}`)))
	is.NoErr(err)
	is.Equal(v.Len(), 10_001)
	for _, key := range v.Keys() {
		is.Equal(v.Key(key).Kind(), KindInteger)
	}
	_, err = Load(JSON("f", []byte("{"+b.String()+`"42":1}`)))
	is.Equal(len(err.(Errors)), 1)
}

// In text of the environment and of -set lists and tables are JSON. Their positions
// are those of the text.
func TestJSONInText(t *testing.T) {
	is := is.New(t)
	cfg, err := Load(Set(`good=[1, {"a": [true]}]`, `bad=[1, {"a": `))
	is.NoErr(err)
	v, err := cfg.Key("good").ParseJSON()
	is.NoErr(err)
	is.Equal(v.Index(1).Key("a").Position(), Position{Source: "-set"})
	is.Equal(v.Index(1).Key("a").Index(0).Position(), Position{Source: "-set"})
	_, err = cfg.Key("bad").ParseJSON()
	is.Equal(err.Error(), "-set: bad: invalid JSON: expected a value; the text ends here")
	_, err = cfg.Key("missing").ParseJSON()
	is.Equal(err.Error(), "missing: missing: a text is expected")
}

// plain returns what encoding/json makes of a value, with numbers as json.Number.
func plain(n *tree.Node) any {
	switch n.Kind {
	case tree.Null:
		return nil
	case tree.Boolean:
		return n.Text == "true"
	case tree.Integer, tree.Float:
		return json.Number(n.Text)
	case tree.List:
		values := []any{}
		for i := range n.Items {
			values = append(values, plain(&n.Items[i].Node))
		}
		return values
	case tree.Table:
		values := map[string]any{}
		for i := range n.Items {
			values[n.Items[i].Key] = plain(&n.Items[i].Node)
		}
		return values
	}
	return n.Text
}

// Whatever the bytes are, JSON is read as encoding/json reads it, but for what this
// package refuses, with a place: duplicates, halves of surrogate pairs, and bounds.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, -0, 1.5e+7, true, false, null, "x\n\u00e9\ud83d\ude00"], "b": {}}`, `{"a":1,}`, `[01]`, "\ufeff{}", `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newDocument(&tree.Origin{Name: "f"})
		text, ok := decoded(data, b)
		if ok {
			jsonFormat.Parse(text, b)
		}
		for _, e := range b.doc.errs {
			if e.Position.Line < 1 || e.Position.Column < 1 {
				t.Fatalf("no place: %v", e)
			}
		}
		if errs := b.doc.errs; len(errs) > 0 {
			stricter := !ok || strings.HasPrefix(errs[0].Message, "duplicate") || strings.HasPrefix(errs[0].Message, "more than") ||
				strings.Contains(errs[0].Message, "surrogate")
			if json.Valid(text) && !stricter {
				t.Fatalf("valid, but %v", errs)
			}
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatalf("no error, but %v", err)
		}
		if d.More() {
			t.Fatal("no error, but there is more")
		}
		n := b.finish()
		got, err := json.Marshal(plain(&n))
		wanted, _ := json.Marshal(canonical(want))
		if err != nil || !bytes.Equal(got, wanted) {
			t.Fatalf("got %s, want %s", got, wanted)
		}
	})
}

// canonical returns a value with integers as nodes have them.
func canonical(v any) any {
	switch v := v.(type) {
	case json.Number:
		if v == "-0" {
			return json.Number("0")
		}
	case []any:
		for i := range v {
			v[i] = canonical(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = canonical(v[key])
		}
	}
	return v
}

// A source that ends in the middle of whatever it says is an error, and never panics.
func TestTruncatedJSON(t *testing.T) {
	is := is.New(t)
	const data = `{"a": [1, -0.5e+7, true, null, "x\n\u00e9\ud83d\ude00"], "b": {"c": {}}}`
	for i := range len(data) {
		_, err := Load(JSON("f", []byte(data[:i])))
		errs, ok := errors.AsType[Errors](err)
		is.True(ok)
		is.Equal(len(errs), 1)
		is.Equal(errs[0].Position.Line, 1)
	}
}

// A reader that goes on after many errors finds that it should stop.
func TestManyErrorsFillADocument(t *testing.T) {
	is := is.New(t)
	failures := 0
	f := Format{Name: "X", Parse: func(_ []byte, b *Builder) {
		for ; !b.Full() && failures < 10*tree.MaxErrors; failures++ {
			b.Fail(failures+1, 1, "wrong")
		}
	}}
	_, err := Load(f.Data("x", nil))
	is.Equal(len(err.(Errors)), tree.MaxErrors)
	is.Equal(failures, tree.MaxErrors+1)
}

// A file that is larger than its size says, as one that grows, is not read whole.
func TestFileThatGrows(t *testing.T) {
	const file = "/proc/self/maps" // its size is 0
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > 0 {
		t.Skip("there is no such file here")
	}
	is := is.New(t)
	_, err := readRegular(file, 10)
	is.Equal(err.Error(), errTooLarge(10).Error())
	_, err = readRegular(file, maxFile)
	is.NoErr(err)
}
