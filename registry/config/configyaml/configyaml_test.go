package configyaml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/configyaml"
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

// Columns are bytes; aliases and merged values have the positions of what they stand for.
func TestPositions(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(configyaml.Data("c.yaml", []byte("\ufeff# x\r\n"+
		"é: {ü: 1, z: [a, \"b\"]}\r\n"+
		"l:\r\n- x: true\r\n-\t~\r\n"+
		"base: &base\r\n  a: 0x1F\r\n  b: yes\r\n"+
		"more:\r\n  <<: *base\r\n  b: .inf\r\n"+
		"again: *base\r\n"+
		"t: |\r\n  one\r\n  two\r\n"+
		"d: 2026-01-02\r\n"+
		"1: 1e3\r\n")))
	is.NoErr(err)
	is.Equal(dump(cfg), `2:1  a table
17:4 1 a float 1000
6:7 again a table
7:6 again.a an integer 31
8:6 again.b a string "yes"
6:7 base a table
7:6 base.a an integer 31
8:6 base.b a string "yes"
16:4 d a date or time "2026-01-02"
4:1 l a list
4:3 l[0] a table
4:6 l[0].x a boolean true
5:3 l[1] null
10:3 more a table
7:6 more.a an integer 31
11:6 more.b a float
13:4 t a string "one\ntwo\n"
2:5 "é" a table
2:16 "é".z a list
2:17 "é".z[0] a string "a"
2:20 "é".z[1] a string "b"
2:10 "é"."ü" an integer 1
`)
}

const secret = "Hunter2"

// What is wrong with a file is reported with a place, and without anything of the file.
func TestMalformed(t *testing.T) {
	is := is.New(t)
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	merges := "a0: &a0 {x: 1}\n"
	for i := 1; i < 20; i++ {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9))
		merges += fmt.Sprintf("a%d: &a%d {<<: [%s]}\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9))
	}
	for data, want := range map[string]string{
		"a: \"" + secret:              "1:",
		"a: b: " + secret:             "1:5: invalid YAML: ",
		"a: [" + secret:               "",
		"\ta: " + secret:              "1:",
		"a: *" + secret:               "1:",
		"a: !!binary SHVudGVyMg==":    "1:4: a tag that is not of YAML's core schema",
		"a: !" + secret + " x":        "1:4: a tag that is not of YAML's core schema",
		"a: !x {b: 1}":                "1:4: a tag that is no map",
		"a: 1\na: 2\nb: {c: 1, c: 2}": "2:1: duplicate name a: the first is in line 1\nc.yaml:3:11: duplicate name c: the first is in line 3",
		"a: 1\n---\nb: 2":             "",
		"? [a]\n: 1":                  "1:3: a list or a table is no name",
		"a: &a [*a]":                  "1:8: an alias stands for what it is in",
		"a: &a\n  <<: *a":             "2:7: an alias stands for what it is in",
		"<<: 1":                       "1:5: << merges tables, and this is none",
		"[1]":                         "1:1: expected a table of names and values, got a list",
		secret:                        "1:1: expected a table of names and values, got a string",
		"a: \"" + secret + "\xff\"":   "1:12: invalid UTF-8",
		laughs:                        "1:25: more than 500000 values",
		merges:                        "",
		"a: " + strings.Repeat("[", 99) + strings.Repeat("]", 99):       "ok",
		"a: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000): "1:103: more than 100 tables and lists in each other",
		"a: " + strings.Repeat("[", 1<<20):                              "1:",
		"a: [" + strings.Repeat("1,", 600_000) + "]":                    "1:1000003: more than 500000 values",
		"a: [" + strings.Repeat("1,", 6_000_000) + "]":                  "1:1: more than 1000000 lines and commas",
	} {
		_, err := config.Load(configyaml.Data("c.yaml", []byte(data)))
		if want == "ok" {
			is.NoErr(err)
			continue
		}
		if err == nil {
			t.Errorf("%.60q: no error", data)
			continue
		}
		is.True(!strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret))
		if !strings.HasPrefix(err.Error(), "c.yaml:"+want) {
			t.Errorf("%.60q:\ngot  %v\nwant c.yaml:%s", data, err, want)
		}
	}
	for _, data := range []string{"", "\n", "# comment\n", "---\n", "a:\n"} {
		cfg, err := config.Load(configyaml.Data("c.yaml", []byte(data)))
		is.NoErr(err)
		is.Equal(cfg.Kind(), config.KindTable)
	}
}

// Whatever the bytes are, there is no panic, and each error has a place.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"a: [1, {b: c}]\nd: |\n x\n", "a: &a {b: 1}\nc:\n  <<: *a\n", "? a\n: b", "- 0x1\n- 1_0", "%YAML 1.2\n---\na: !!int '1'"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := config.Load(configyaml.Data("c", data))
		if err == nil {
			return
		}
		for _, e := range err.(config.Errors) {
			if e.Path == "" && (e.Position.Line < 1 || e.Position.Column < 1) {
				t.Fatalf("no place: %v", e)
			}
		}
	})
}

// What follows the document is not passed over because it can't be read.
func TestMalformedSecondDocument(t *testing.T) {
	is := is.New(t)
	_, err := config.Load(configyaml.Data("c.yaml", []byte("a: 1\n---\nb: [\n")))
	is.True(err != nil)
	is.True(strings.HasPrefix(err.Error(), "c.yaml:4:1: invalid YAML: "))
}
