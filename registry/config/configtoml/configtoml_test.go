package configtoml_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"
	"github.com/pelletier/go-toml/v2"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/configtoml"
)

// dump writes all values with their positions, by path.
func dump(v config.Value) string {
	var b strings.Builder
	var walk func(v config.Value)
	walk = func(v config.Value) {
		p := v.Position()
		fmt.Fprintf(&b, "%d:%d %s %v", p.Line, p.Column, v.Path(), v.Kind())
		if said, err := v.Text(); err == nil {
			fmt.Fprintf(&b, " %q", said)
		} else if f, err := v.Float(); err == nil {
			fmt.Fprint(&b, " ", f)
		} else if t, err := v.Bool(); err == nil {
			fmt.Fprint(&b, " ", t)
		}
		b.WriteString("\n")
		for _, key := range v.Keys() {
			walk(v.Key(key))
		}
		for i := range v.Len() {
			if v.Kind() == config.KindList {
				walk(v.Index(i))
			}
		}
	}
	walk(v)
	return b.String()
}

// Columns are bytes, and white space, comments, line ends of Windows and characters of
// several bytes are counted as they are; a byte order mark is not.
func TestPositions(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(configtoml.Data("c.toml", []byte("\ufeffa = 1 # x\r\n"+
		"\t\"é\" = \t'ü'\r\n"+
		"l = [ 1, # [,\r\n  [\"]\", {x = {y.z = true}}],\r\n\r\n\t\tinf,\n]\n"+
		" [ t . \"u.v\" ]\n"+
		"b.c.d = 0x1F # hex\n"+
		"m = \"\"\"\nmore\n\"\"\"\n"+
		"[[ p.q ]]\n[p.q.r]\nx = 1979-05-27 07:32:00z\n[[p.q]]\n")))
	is.NoErr(err)
	is.Equal(dump(cfg), `1:1  a table
1:5 a an integer 1
3:5 l a list
3:7 l[0] an integer 1
4:3 l[1] a list
4:4 l[1][0] a string "]"
4:9 l[1][1] a table
4:14 l[1][1].x a table
4:15 l[1][1].x.y a table
4:21 l[1][1].x.y.z a boolean true
6:3 l[2] a float
13:4 p a table
13:1 p.q a list
13:1 p.q[0] a table
14:1 p.q[0].r a table
15:5 p.q[0].r.x a date or time "1979-05-27T07:32:00Z"
16:1 p.q[1] a table
8:4 t a table
8:2 t."u.v" a table
9:1 t."u.v".b a table
9:3 t."u.v".b.c a table
9:9 t."u.v".b.c.d an integer 31
10:5 t."u.v".m a string "more\n"
2:10 "é" a string "ü"
`)
}

func TestScalars(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(configtoml.Data("c.toml", []byte(`
a = -9_223_372_036_854_775_808
b = 18446744073709551615
c = 123456789012345678901234567890
d = 0o17
e = 0b1_0
f = 0xffff_ffff_ffff_ffff
g = +0
h = 1e400
i = -nan
j = 6.626e-34
k = 1_000.5
l = 07:32:00.5
m = 1979-05-27
n = 1979-05-27T07:32:00
o = 1979-05-27T00:32:00.999999-07:00
p = -0
q = +7
`)))
	is.NoErr(err)
	for path, want := range map[string]string{
		"b": "c.toml:3:5: b: expected an integer of 64 bits, got an integer",
		"c": "c.toml:4:5: c: expected an integer of 64 bits, got an integer",
		"f": "c.toml:7:5: f: expected an integer of 64 bits, got an integer",
	} {
		_, err := cfg.At(path).Int()
		is.Equal(err.Error(), want)
	}
	for path, want := range map[string]int64{"a": math.MinInt64, "d": 15, "e": 2, "g": 0, "p": 0, "q": 7} {
		got, err := cfg.At(path).Int()
		is.NoErr(err)
		is.Equal(got, want)
	}
	for path, want := range map[string]float64{"j": 6.626e-34, "k": 1000.5} {
		got, err := cfg.At(path).Float()
		is.NoErr(err)
		is.Equal(got, want)
	}
	for path, want := range map[string]string{
		"h": "c.toml:9:5: h: expected a number of 64 bits, got a float",
		"i": "c.toml:10:5: i: expected a number of 64 bits, got a float",
	} {
		_, err := cfg.At(path).Float()
		is.Equal(err.Error(), want)
	}
	for path, want := range map[string]string{
		"l": "07:32:00.5", "m": "1979-05-27", "n": "1979-05-27T07:32:00", "o": "1979-05-27T00:32:00.999999-07:00",
	} {
		got, err := cfg.At(path).Text()
		is.NoErr(err)
		is.Equal(got, want)
		is.Equal(cfg.At(path).Kind(), config.KindDatetime)
	}
}

// All names that are defined twice are reported, and where the first is.
func TestRedefinitions(t *testing.T) {
	is := is.New(t)
	for data, want := range map[string]string{
		"a=1\na=2\na=3":               "2:1: duplicate name a: the first is in line 1\nc.toml:3:1: duplicate name a: the first is in line 1",
		"[a]\n[a]":                    "2:2: duplicate name a: the first is in line 1",
		"[a.b]\n[a]\n[a]":             "3:2: duplicate name a: the first is in line 1",
		"a.b=1\n[a]":                  "2:2: duplicate name a: the first is in line 1",
		"a.b=1\na=1":                  "2:1: duplicate name a: the first is in line 1",
		"a=1\na.b=1":                  "2:1: duplicate name a: the first is in line 1",
		"a={}\n[a.b]":                 "2:2: duplicate name a: the first is in line 1",
		"a={}\na.b=1":                 "2:1: duplicate name a: the first is in line 1",
		"a=[{}]\n[[a]]":               "2:3: duplicate name a: the first is in line 1",
		"a=[{}]\n[a.b]":               "2:2: duplicate name a: the first is in line 1",
		"[a]\n[[a]]":                  "2:3: duplicate name a: the first is in line 1",
		"[[a]]\n[a]":                  "2:2: duplicate name a: the first is in line 1",
		"[[a]]\nb=1\n[[a]]\nb=1\nb=1": "5:1: duplicate name b: the first is in line 4",
		"[a.b]\n[a]\nb=1":             "3:1: duplicate name b: the first is in line 1",
		"[a.b]\n[a]\nb.c=1":           "3:1: duplicate name b: the first is in line 1",
		"a={b=1,b=2}":                 "1:8: duplicate name b: the first is in line 1",
		"a=[[{b=1,b.c=2}]]":           "1:10: duplicate name b: the first is in line 1",
		"a=1\n[a]\nb=1\nb=2":          "2:2: duplicate name a: the first is in line 1\nc.toml:4:1: duplicate name b: the first is in line 3",
	} {
		_, err := config.Load(configtoml.Data("c.toml", []byte(data)))
		if err == nil || err.Error() != "c.toml:"+want {
			t.Errorf("%q:\ngot  %v\nwant c.toml:%s", data, err, want)
		}
	}
	for _, data := range []string{
		"[a.b]\n[a]\nc=1\n[a.d]", "[[a]]\n[a.b]\n[[a]]\n[a.b]", "a.b.c=1\na.b.d=1\na.e=1", "[a]\nb.c=1\n[a.b.d]",
	} {
		_, err := config.Load(configtoml.Data("c.toml", []byte(data)))
		is.NoErr(err)
	}
}

const secret = "Hunter2"

// A file that is no TOML is one error with a place, which shows nothing of the file.
func TestMalformed(t *testing.T) {
	is := is.New(t)
	for data, want := range map[string]string{
		"a = \"" + secret:                         "1:12: invalid TOML: unterminated basic string",
		"a = " + secret:                           "1:5: invalid TOML: unexpected character at start of value",
		"a = 1\n" + secret:                        "2:7: invalid TOML: expected '=' after key",
		"a = \"x\" " + secret:                     "1:9: invalid TOML: expected newline",
		"a = '" + secret + "\n'":                  "1:13: invalid TOML: literal strings cannot have new lines",
		"a = \"\\" + secret + "\"":                "1:6: invalid TOML: invalid escape character",
		"[" + secret:                              "1:8: invalid TOML: expected ']' to close table name",
		"a = [1, " + secret + "]":                 "1:9: invalid TOML: unexpected character at start of value",
		"a = {b = 1 " + secret + "}":              "1:12: invalid TOML: expected ',' or '}' after inline table key-value",
		"a = 20s" + secret:                        "1:7: invalid TOML: strings must be quoted",
		"a = 1979-99-99" + secret:                 "1:15: invalid TOML: expected newline",
		"a = 1979-99-99":                          "1:5: invalid date or time",
		"a = 0xffffffffffffffffff":                "1:5: the integer has more than 64 bits",
		"a = +0x1F":                               "1:5: invalid TOML: sign is not allowed on numbers with a radix prefix",
		"a = 01":                                  "1:5: invalid TOML: integers cannot have leading zeroes",
		"= " + secret:                             "1:1: invalid TOML: invalid character at start of key",
		"a = \"" + secret + "\xff\"":              "1:13: invalid UTF-8",
		"a = \"" + secret + "\x00\"":              "1:13: invalid TOML: basic strings cannot have control characters",
		"\xff\xfea\x00":                           "1:1: the file is UTF-16; save it as UTF-8",
		"a = NaN":                                 "1:5: invalid TOML: unexpected character at start of value",
		"a = 1\r" + secret + " = 1":               "1:6: invalid TOML: expected newline",
		"a = \n" + secret + " = 1":                "1:5: invalid TOML: unexpected character at start of value",
		strings.Repeat("a.", 10_000) + "b = 1":    "1:199: more than 100 tables and lists in each other",
		"[" + strings.Repeat("a.", 10_000) + "b]": "1:200: more than 100 tables and lists in each other",
		"a = " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000): "1:104: more than 100 tables and lists in each other",
		"a = " + strings.Repeat("[", 1<<20):                                "1:10005: invalid TOML: arrays and inline tables are nested more than the maximum of 10000 levels deep",
		"a = " + strings.Repeat("{a=", 1<<20):                              "1:30005: invalid TOML: arrays and inline tables are nested more than the maximum of 10000 levels deep",
		"a = [" + strings.Repeat("1,", 600_000) + "]":                      "1:1000004: more than 500000 values",
		"a = [" + strings.Repeat("1,", 6_000_000) + "]":                    "1:1: more than 1000000 times \",\": too many values or names",
		strings.Repeat("a.", 2_000_000) + "a = 1":                          "1:1: more than 1000000 times \".\": too many values or names",
	} {
		_, err := config.Load(configtoml.Data("c.toml", []byte(data)))
		is.True(err != nil)
		is.True(!strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret))
		if err.Error() != "c.toml:"+want {
			t.Errorf("%.40q:\ngot  %v\nwant c.toml:%s", data, err, want)
		}
	}
}

// Many tables and names take time that is linear in their number: this would take
// minutes otherwise.
func TestManyNames(t *testing.T) {
	is := is.New(t)
	var b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&b, "[[list]]\n[t%d.x]\ny.z = 1\n", i)
	}
	_, err := config.Load(configtoml.Data("c.toml", []byte(b.String())))
	is.NoErr(err)
}

func TestFile(t *testing.T) {
	is := is.New(t)
	path := filepath.Join(t.TempDir(), "c.toml")
	is.NoErr(os.WriteFile(path, []byte("a = 1"), 0o600))
	cfg, err := config.Load(configtoml.File(path), config.Optional(configtoml.File(path+"2")), config.Set("b=2"))
	is.NoErr(err)
	is.Equal(cfg.At("a").Position().String(), path+":1:5")
	is.Equal(cfg.At("b").Position().String(), "-set")
}

// plain returns the value as the library decodes it, with numbers as text.
func plain(v config.Value) any {
	switch v.Kind() {
	case config.KindTable:
		m := map[string]any{}
		for _, key := range v.Keys() {
			m[key] = plain(v.Key(key))
		}
		return m
	case config.KindList:
		l := []any{}
		for i := range v.Len() {
			l = append(l, plain(v.Index(i)))
		}
		return l
	case config.KindInteger:
		i, _ := v.Int()
		return fmt.Sprint("int ", i)
	case config.KindFloat:
		f, err := v.Float()
		if err != nil {
			return "float out of range"
		}
		return fmt.Sprint("float ", f)
	case config.KindBoolean:
		b, _ := v.Bool()
		return b
	}
	said, _ := v.Text()
	return v.Kind().String() + " " + said
}

// normal returns a value of the library in the same way.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = normal(v[key])
		}
		return v
	case []any:
		l := []any{}
		for i := range v {
			l = append(l, normal(v[i]))
		}
		return l
	case int64:
		return fmt.Sprint("int ", v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return "float out of range"
		}
		return fmt.Sprint("float ", v)
	case string:
		return "a string " + v
	case time.Time:
		return "a date or time " + v.Format(time.RFC3339Nano)
	case fmt.Stringer:
		return "a date or time " + v.String()
	}
	return v
}

// What is read is what the library's own decoder reads, and is refused if that refuses it;
// each error has a place.
func FuzzTOML(f *testing.F) {
	for _, seed := range []string{
		"a = 1\n[b.c]\nd.e = [1, 2.5, {f = 'x'}]\n[[g]]\nh = 1979-05-27T07:32:00Z", "a={}\n[a]", "[[a]]\n[a.b]\n[[a.b]]", "a.b=1\n[a.b]",
		"[a]\nb.c=1\n[a.b.d]", "x = [ # c\n1,\n]", "\"\" = 1", "a = {b.c = 1, b.d = 2}", "a = 0xFF_F", "a=\"\"\"\\\n x\"\"\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if strings.Contains(data, "$") {
			t.Skip() // references
		}
		cfg, err := config.Load(configtoml.Data("c", []byte(data)))
		var want map[string]any
		wanted := toml.Unmarshal([]byte(strings.TrimPrefix(data, "\ufeff")), &want)
		if err != nil {
			for _, e := range err.(config.Errors) {
				if e.Position.Line < 1 || e.Position.Column < 1 {
					t.Fatalf("no place: %v", e)
				}
				if wanted == nil && !strings.Contains(e.Message, "more than") && !strings.Contains(e.Message, "UTF") {
					t.Fatalf("refused: %v", e)
				}
			}
			return
		}
		if wanted != nil {
			if s := wanted.Error(); strings.Contains(s, "too large") || strings.Contains(s, "parse float") {
				return // the decoder of package config refuses it
			}
			t.Fatalf("accepted, but %v", wanted)
		}
		got, _ := json.Marshal(plain(cfg))
		if want == nil {
			want = map[string]any{}
		}
		expected, _ := json.Marshal(normal(want))
		if string(got) != string(expected) {
			t.Fatalf("got %s, want %s", got, expected)
		}
	})
}
