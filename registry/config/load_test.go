package config_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
)

// secret stands in what is loaded wherever nothing of it may be shown.
const secret = "s3cr3t"

// write makes a file in a directory of the test's own and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dump writes all scalars of a value with their kinds and positions, by path.
func dump(v config.Value) string {
	var b strings.Builder
	var walk func(v config.Value)
	walk = func(v config.Value) {
		switch v.Kind() {
		case config.KindTable:
			for _, key := range v.Keys() {
				walk(v.Key(key))
			}
		case config.KindList:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		default:
			said, err := v.Text()
			if f, isNumber := v.Float(); err != nil && isNumber == nil {
				said = fmt.Sprint(f)
			} else if t, isBool := v.Bool(); err != nil && isBool == nil {
				said = fmt.Sprint(t)
			}
			fmt.Fprintf(&b, "%s: %v %s, %v\n", v.Path(), v.Kind(), said, v.Position())
		}
	}
	walk(v)
	return b.String()
}

// Tables of all sources are merged, and all else is replaced by the stronger
// source; each value has the position of the source it is from.
func TestTablesAreMerged(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(
		config.Set(`services.objects.dir=/set`, `new."a.b".c=1`, "new.empty="),
		config.FromMap("built in", map[string]any{
			"services": map[string]any{"objects": map[string]any{"dir": "/built", "quota": 1, "list": []any{1, 2}}},
		}),
		config.JSON("one.json", []byte(`{
			"services": {"objects": {"dir": "/one", "list": [3]}, "queue": {"size": 5}},
			"agent": {"x": 1}
		}`)),
		config.JSON("two.json", []byte("{\"services\": {\"queue\": {\"size\": 6}},\n \"agent\": true}")),
	)
	is.NoErr(err)
	is.Equal(dump(cfg), `agent: a boolean true, two.json:2:11
new."a.b".c: text 1, -set
new.empty: text , -set
services.objects.dir: text /set, -set
services.objects.list[0]: an integer 3, one.json:2:53
services.objects.quota: an integer 1, built in
services.queue.size: an integer 6, two.json:1:33
`)
}

func TestPaths(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(config.JSON("c.json", []byte(`{"a": {"b.c": {"d": [{"e": 1}]}}, "x\ny": 2}`)))
	is.NoErr(err)
	is.Equal(cfg.At(`a."b.c".d`).Index(0).Key("e").Path(), `a."b.c".d[0].e`)
	is.Equal(cfg.At(`a.'b.c'.d`).Len(), 1)
	is.Equal(cfg.At(`a`).At("").Path(), "a")
	is.Equal(cfg.Key("x\ny").Path(), `"x\ny"`)
	is.Equal(cfg.At("a.nothing.at.all").Exists(), false)
	is.Equal(cfg.At("a.nothing.at.all").Kind(), config.KindMissing)
	is.Equal(cfg.At("a").Index(0).Exists(), false)
	is.Equal(config.Value{}.At("a.b").Path(), "a.b")
	for _, malformed := range []string{".", "a.", ".a", "a..b", `"a`, "a b", `"a"b`, "a[0]"} {
		is.True(panics(func() { cfg.At(malformed) })) // a malformed path
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// However a value is printed, it does not show what it says.
func TestValuesAreNotPrinted(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(config.FromMap("program", map[string]any{"token": secret}), config.Set("a="+secret))
	is.NoErr(err)
	set := config.Assignments{"a.b=" + secret, secret}
	errs := config.Errors{{Path: "token", Err: errors.New("wrong")}}
	sources := []config.Source{
		config.JSON("c.json", []byte(secret)), config.FromMap("program", map[string]any{"a": secret}),
		config.EnvironmentOf("", []string{"A=" + secret}), config.Set("a=" + secret),
	}
	for _, v := range []any{sources, sources[0], sources[1], sources[2], sources[3], cfg, cfg.At("token"), &cfg, struct{ V config.Value }{cfg}, []config.Value{cfg.At("token")}, set, &set, errs} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			text := fmt.Sprintf(verb, v)
			is.True(!strings.Contains(text, secret) && !strings.Contains(text, "733363723374")) // nothing secret
		}
	}
	is.Equal(fmt.Sprint(cfg.At("token")), "config.Value(a string at token of program)")
	is.Equal(set.String(), "a.b, ***")
}

func TestScalars(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(
		config.JSON("c.json", []byte(`{"big": 18446744073709551616, "huge": 1e400, "i": -9223372036854775808, "f": 1.5, "t": true, "s": "x", "n": null}`)),
		config.Set("i2=12", "t2=true", "f2=2.5", "nan=NaN"),
	)
	is.NoErr(err)
	i, err := cfg.At("i").Int()
	is.NoErr(err)
	is.Equal(i, int64(-1<<63))
	i, err = cfg.At("i2").Int()
	is.NoErr(err)
	is.Equal(i, int64(12))
	f, err := cfg.At("f2").Float()
	is.NoErr(err)
	is.Equal(f, 2.5)
	b, err := cfg.At("t2").Bool()
	is.NoErr(err)
	is.True(b)
	for want, get := range map[string]func(config.Value) error{
		"c.json:1:9: big: expected an integer of 64 bits, got an integer": func(config.Value) error { _, err := cfg.At("big").Int(); return err },
		"c.json:1:39: huge: expected a number of 64 bits, got a float":    func(config.Value) error { _, err := cfg.At("huge").Float(); return err },
		"-set: nan: expected a number of 64 bits, got text":               func(config.Value) error { _, err := cfg.At("nan").Float(); return err },
		"c.json:1:99: s: expected true or false, got a string":            func(config.Value) error { _, err := cfg.At("s").Bool(); return err },
		"c.json:1:88: t: expected a string, got a boolean":                func(config.Value) error { _, err := cfg.At("t").Text(); return err },
		"a.b: missing: an integer of 64 bits is expected":                 func(config.Value) error { _, err := cfg.At("a.b").Int(); return err },
	} {
		err := get(cfg)
		is.Equal(err.Error(), want)
	}
}

type celsius float64

type level struct{}

func (level) MarshalText() ([]byte, error) { return []byte("warm"), nil }

func TestFromMap(t *testing.T) {
	is := is.New(t)
	other, err := config.Load(config.JSON("o.json", []byte(`{"a": ["x", "$${y}"]}`)))
	is.NoErr(err)
	n := 5
	cfg0 := other.Key("a")
	cfg, err := config.Load(config.FromMap("program", map[string]any{
		"a": map[string]string{"k": "v"}, "b": []string{"x"}, "c": uint64(1 << 63), "d": 90 * time.Second,
		"e": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "f": celsius(1.5), "g": &n, "h": level{}, "i": nil,
		"j": other, "k": map[any]any{"x": true}, "l": float32(0.1), "m": (*int)(nil),
		"n": (*time.Time)(nil), "o": (*config.Value)(nil), "p": &cfg0, "q": (*level)(nil), "r": (*json.Number)(nil),
	}))
	is.NoErr(err)
	is.Equal(dump(cfg), `a.k: a string v, program
b[0]: a string x, program
c: an integer 9.223372036854776e+18, program
d: a string 1m30s, program
e: a date or time 2026-01-02T03:04:05Z, program
f: a float 1.5, program
g: an integer 5, program
h: a string warm, program
i: null , program
j.a[0]: a string x, o.json:1:8
j.a[1]: a string ${y}, o.json:1:13
k.x: a boolean true, program
l: a float 0.1, program
m: null , program
n: null , program
o: null , program
p[0]: a string x, o.json:1:8
p[1]: a string ${y}, o.json:1:13
q: null , program
r: null , program
`)

	cyclic := map[string]any{}
	cyclic["again"] = cyclic
	var self any
	self = &self
	for want, values := range map[string]map[string]any{
		"program: more than 100 tables and lists in each other":                                                   cyclic,
		"program: a.x[1]: chan int is no value of a configuration":                                                {"a": map[string]any{"x": []any{1, make(chan int)}}},
		"program: a: a map of int: expected strings as keys":                                                      {"a": map[int]string{1: "x"}},
		"program: a: *interface {} is no value of a configuration":                                                {"a": self},
		"program: a: **int is no value of a configuration":                                                        {"a": new(*int)},
		"program: invalid UTF-8":                                                                                  {"a": "\xff"},
		"program: a: struct {} is no value of a configuration\nprogram: b: func() is no value of a configuration": {"a": struct{}{}, "b": func() {}},
	} {
		_, err := config.Load(config.FromMap("program", values))
		is.True(err != nil)
		is.Equal(err.Error(), want)
	}
}

// What is set goes through tables alone, so that nothing is lost by it.
func TestSetBelowOtherValues(t *testing.T) {
	is := is.New(t)
	_, err := config.Load(
		config.JSON("c.json", []byte(`{"inputs": {"cpu": [{"x": 1}]}, "port": 5, "none": null}`)),
		config.Set("inputs.cpu.x=2", "port.x=1", "none.x=1", "a=1", "a.b=2"),
	)
	is.Equal(err.Error(), `-set: a.b: a is text (-set), which has no names; set it as a whole
-set: inputs.cpu.x: inputs.cpu is a list (c.json:1:20), which has no names; set it as a whole
-set: port.x: port is an integer (c.json:1:41), which has no names; set it as a whole`)
}

func TestMalformedAssignments(t *testing.T) {
	is := is.New(t)
	for assignment, want := range map[string]string{
		secret:           "no = after a path; write services.objects.dir=/data",
		"=" + secret:     "malformed path: a name is empty; write services.objects.dir=/data",
		"a..b=" + secret: "malformed path: a name is empty; write services.objects.dir=/data",
		`"a=` + secret:   "malformed path: malformed quoted name; write services.objects.dir=/data",
		`"a"b=` + secret: "no = after a path; write services.objects.dir=/data",
		"a\xff=1":        "invalid UTF-8",
		"":               "malformed path: a name is empty; write services.objects.dir=/data",
	} {
		var set config.Assignments
		is.Equal(set.Set(assignment).Error(), want)
		is.Equal(len(set), 0)
		_, err := config.Load(config.Set("ok=1", assignment))
		is.Equal(err.Error(), "-set number 2: "+want)
	}
}

func TestAssignmentsAreAFlag(t *testing.T) {
	is := is.New(t)
	var set config.Assignments
	flags := flag.NewFlagSet("program", flag.ContinueOnError)
	flags.Var(&set, "set", "")
	is.NoErr(flags.Parse([]string{"-set", "a.b=1", "-set=c=x=y", "-set", "c=z=", "rest"}))
	cfg, err := config.Load(set)
	is.NoErr(err)
	is.Equal(dump(cfg), "a.b: text 1, -set\nc: text z=, -set\n")
}

func TestOptional(t *testing.T) {
	is := is.New(t)
	missing := filepath.Join(t.TempDir(), "missing.json")
	cfg, err := config.Load(config.Optional(config.JSONFile(missing)), nil)
	is.NoErr(err)
	is.Equal(cfg.Kind(), config.KindTable)

	_, err = config.Load(config.JSONFile(missing), config.Optional(config.JSONFile(t.TempDir())))
	is.True(errors.Is(err, fs.ErrNotExist))
	errs, ok := errors.AsType[config.Errors](err)
	is.True(ok)
	is.Equal(len(errs), 2)
	is.Equal(errs[0].Error(), missing+": no such file or directory")
	is.Equal(errs[1].Message, "is a directory; expected a file")
}

// All sources are read before errors are returned, in order.
func TestErrorsOfAllSources(t *testing.T) {
	is := is.New(t)
	_, err := config.Load(
		config.Set("x", "y=${"),
		config.JSON("b.json", []byte(`{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}`)),
		config.JSON("a.json", []byte("{\n}}")),
		config.JSON("c.json", []byte(`{"x": "${NO}"}`)),
		config.EnvironmentOf("", nil),
	)
	is.Equal(err.Error(), `b.json:1:10: duplicate name a: the first is in line 1
b.json:1:32: duplicate name c: the first is in line 1
a.json:2:2: invalid JSON: expected the end after the value
c.json:1:7: x: reference ${NO}: environment variable NO is not set; set it, or write ${NO:-default}
-set: y: a reference has no }; to have ${ in the string, write $${
-set number 1: no = after a path; write services.objects.dir=/data`)
}
