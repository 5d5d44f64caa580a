package generated_test

import (
	"encoding"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
	"github.com/plugingen/plugingen/registry/generated/pattern"
)

// A size is a number with an UnmarshalText method.
type size int64

func (s *size) UnmarshalText(text []byte) error {
	digits, unit := strings.TrimRight(string(text), "KMGiB"), int64(1)
	switch strings.TrimPrefix(string(text), digits) {
	case "KiB":
		unit = 1 << 10
	case "MiB":
		unit = 1 << 20
	case "GiB":
		unit = 1 << 30
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	*s = size(n * unit)
	return err
}

// A moody value panics, or fails with what it was given.
type moody struct{ said string }

func (m *moody) UnmarshalText(text []byte) error {
	switch m.said = string(text); {
	case strings.HasPrefix(m.said, "panic"):
		panic("moody was given " + m.said)
	case strings.HasPrefix(m.said, "fail"):
		return fmt.Errorf("moody was given %q", m.said)
	case strings.HasPrefix(m.said, "end"):
		return fmt.Errorf("at %q", m.said[len(m.said)-3:])
	}
	return nil
}

type retry struct {
	Max  int
	Wait time.Duration
}

type tls struct {
	Cert  string
	Key   string
	Inner *tls
}

var errCert = errors.New("a certificate needs a key")

func (t *tls) Validate() error {
	if t.Cert != "" && t.Key == "" {
		return errCert
	}
	return nil
}

// everything has an option of each kind.
type everything struct {
	Addr    netip.AddrPort
	Any     any
	Bool    bool
	Dir     string
	F32     float32
	F64     float64
	I8      int8
	Int     int
	Labels  map[string]string
	Level   string
	Names   []string
	Pair    [2]int
	Port    uint16
	Ptr     *int
	Quota   size
	Retry   retry
	Tables  []retry
	Timeout time.Duration
	TLS     *tls
	Token   string
	Tree    config.Value
	U64     uint64
	URL     url.URL
	Word    string

	invalid error
}

func (e *everything) Validate() error { return e.invalid }

var retryOptions = generated.Options{
	Type: "example.org/app.retry",
	Zero: (*retry)(nil),
	New:  func() any { return new(retry) },
	Fill: func(d *generated.Decoder, target any) { fillRetry(d, target.(*retry)) },
	Options: []generated.Option{
		{Name: "max", Type: "int", Default: "3", HasDefault: true, Min: "1", Max: "10"},
		{Name: "wait", Type: "duration"},
	},
}

func fillRetry(d *generated.Decoder, r *retry) {
	d.Begin()
	if d.Option(0) {
		generated.Int(d, &r.Max)
	}
	if d.Option(1) {
		generated.Duration(d, &r.Wait)
	}
	d.End()
}

type tlsOptions struct{}

func (tlsOptions) Options() *generated.Options { return &optionsOfTLS }

var optionsOfTLS = generated.Options{
	Type: "example.org/app.tls",
	Zero: (*tls)(nil),
	New:  func() any { return new(tls) },
	Fill: func(d *generated.Decoder, target any) { fillTLS(d, target.(*tls)) },
	Options: []generated.Option{
		{Name: "cert", Type: "string", Env: "CERT"},
		{Name: "inner", Type: "*table", Recursive: tlsOptions{}},
		{Name: "key", Type: "string", Secret: true},
	},
}

func fillTLS(d *generated.Decoder, t *tls) {
	d.Begin()
	if d.Option(0) {
		generated.String(d, &t.Cert)
	}
	if d.Option(1) {
		generated.Pointer(d, &t.Inner, fillTLS)
	}
	if d.Option(2) {
		generated.String(d, &t.Key)
	}
	d.End()
	generated.Validate(d, t)
}

var everythingOptions = generated.Options{
	Type:    "example.org/app.everything",
	Section: "app",
	Zero:    (*everything)(nil),
	New:     func() any { return new(everything) },
	Fill:    func(d *generated.Decoder, target any) { fillEverything(d, target.(*everything)) },
	Options: []generated.Option{
		{Name: "addr", Type: "text", Go: "netip.AddrPort", Default: "127.0.0.1:80", HasDefault: true},
		{Name: "any", Type: "any"},
		{Name: "bool", Type: "bool"},
		{Name: "dir", Type: "string", Required: true, Min: "2", Max: "10", Aliases: []string{"directory", "path"}},
		{Name: "f32", Type: "float32"},
		{Name: "f64", Type: "float64", Min: "-10", Max: "10.5"},
		{Name: "i8", Type: "int8", Deprecated: "use int"},
		{Name: "int", Type: "int", Env: "THE_INT"},
		{Name: "labels", Type: "map[string]string", Max: "2", Enum: []string{"x", "y"}},
		{Name: "level", Type: "string", Default: "info", HasDefault: true, Enum: []string{"debug", "info", "warn"}},
		{Name: "names", Type: "[]string", Min: "1", Max: "3"},
		{Name: "pair", Type: "[2]int"},
		{Name: "port", Type: "uint16", Min: "1"},
		{Name: "ptr", Type: "*int"},
		{Name: "quota", Type: "text", Go: "app.size", Min: "1MiB", Max: "1GiB"},
		{Name: "retry", Type: "table", Struct: &retryOptions},
		{Name: "tables", Type: "[]table", Struct: &retryOptions},
		{Name: "timeout", Type: "duration", Default: "5s", HasDefault: true, Max: "1h"},
		{Name: "tls", Type: "*table", Struct: &optionsOfTLS},
		{Name: "token", Type: "string", Secret: true, Env: "TOKEN", Min: "3"},
		{Name: "tree", Type: "any"},
		{Name: "u64", Type: "uint64"},
		{Name: "url", Type: "text", Go: "url.URL"},
		{Name: "word", Type: "string", Pattern: "^[a-z]+$"},
	},
}

func fillEverything(d *generated.Decoder, e *everything) {
	fill := [...]func(){
		func() { generated.Text(d, &e.Addr) },
		func() { generated.Any(d, &e.Any) },
		func() { generated.Bool(d, &e.Bool) },
		func() { generated.String(d, &e.Dir) },
		func() { generated.Float(d, &e.F32) },
		func() { generated.Float(d, &e.F64) },
		func() { generated.Int(d, &e.I8) },
		func() { generated.Int(d, &e.Int) },
		func() { generated.Map(d, &e.Labels, generated.String) },
		func() { generated.String(d, &e.Level) },
		func() { generated.List(d, &e.Names, generated.String) },
		func() { generated.Array(d, e.Pair[:], generated.Int) },
		func() { generated.Uint(d, &e.Port) },
		func() { generated.Pointer(d, &e.Ptr, generated.Int) },
		func() { generated.TextNumber(d, &e.Quota) },
		func() { fillRetry(d, &e.Retry) },
		func() { generated.List(d, &e.Tables, fillRetry) },
		func() { generated.Duration(d, &e.Timeout) },
		func() { generated.Pointer(d, &e.TLS, fillTLS) },
		func() { generated.String(d, &e.Token) },
		func() { generated.Tree(d, &e.Tree) },
		func() { generated.Uint(d, &e.U64) },
		func() { generated.Binary(d, &e.URL) },
		func() { pattern.String(d, &e.Word) },
	}
	d.Begin()
	for i := range fill {
		if d.Option(i) {
			fill[i]()
		}
	}
	d.End()
	generated.Validate(d, e)
}

// decode fills everything from JSON and other sources.
func decode(t testing.TB, json string, more ...config.Source) (*everything, error) {
	t.Helper()
	v, err := config.Load(append([]config.Source{config.JSON("app.json", []byte(json))}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	e := new(everything)
	return e, generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: e}).Err
}

func TestValuesOfEachKind(t *testing.T) {
	is := is.New(t)
	e, err := decode(t, `{
		"addr": "[::1]:443", "any": {"a": [1, 2.5, "x", null, true]}, "bool": true, "directory": "/data",
		"f32": 0.1, "f64": 3, "int": 5.0, "labels": {"b": "x", "a": "y"}, "level": "warn",
		"names": ["a", "b"], "pair": [1, 2], "port": 1e3, "ptr": 0, "quota": "3MiB",
		"retry": {"wait": "1m30s"}, "tables": [{"max": 1}, {}], "timeout": "1.5s",
		"tls": {"cert": "c", "key": "k", "inner": {}}, "token": "secret", "tree": {"x": 1},
		"u64": 18446744073709551615, "url": "http://example.org/x", "word": "abc"
	}`)
	is.NoErr(err)
	is.Equal(e.Addr, netip.MustParseAddrPort("[::1]:443"))
	is.Equal(e.Any, map[string]any{"a": []any{int64(1), 2.5, "x", nil, true}})
	is.True(e.Bool)
	is.Equal(e.Dir, "/data")
	is.Equal(e.F32, float32(0.1))
	is.Equal(e.F64, 3.0)
	is.Equal(e.Int, 5)
	is.Equal(e.Labels, map[string]string{"a": "y", "b": "x"})
	is.Equal(e.Level, "warn")
	is.Equal(e.Names, []string{"a", "b"})
	is.Equal(e.Pair, [2]int{1, 2})
	is.Equal(e.Port, uint16(1000))
	is.Equal(*e.Ptr, 0)
	is.Equal(e.Quota, size(3<<20))
	is.Equal(e.Retry, retry{3, 90 * time.Second})
	is.Equal(e.Tables, []retry{{Max: 1}, {Max: 3}})
	is.Equal(e.Timeout, 1500*time.Millisecond)
	is.Equal(e.TLS, &tls{Cert: "c", Key: "k", Inner: &tls{}})
	is.Equal(e.Token, "secret")
	x, err := e.Tree.At("x").Int()
	is.NoErr(err)
	is.Equal(x, int64(1))
	is.Equal(e.Tree.Path(), "tree")
	is.Equal(e.U64, uint64(1<<64-1))
	is.Equal(e.URL.Host, "example.org")
	is.Equal(e.Word, "abc")
}

// What is not given has its default, or stays as it is; pointers are nil.
func TestDefaults(t *testing.T) {
	is := is.New(t)
	e, err := decode(t, `{"dir": "/data", "ptr": null, "tls": null}`)
	is.NoErr(err)
	is.Equal(e.Addr, netip.MustParseAddrPort("127.0.0.1:80"))
	is.Equal(e.Level, "info")
	is.Equal(e.Timeout, 5*time.Second)
	is.Equal(e.Retry, retry{Max: 3}) // a nested struct that is no pointer
	is.True(e.Ptr == nil && e.TLS == nil && e.Names == nil && e.Labels == nil)

	kept := &everything{Int: 7, Names: []string{"kept"}, Labels: map[string]string{"old": "kept"}}
	shared := kept.Labels
	v, err := config.Load(config.JSON("app.json", []byte(`{"dir": "/data", "labels": {"new": "x"}}`)))
	is.NoErr(err)
	is.NoErr(generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: kept}).Err)
	is.Equal(kept.Int, 7)
	is.Equal(kept.Names, []string{"kept"})
	is.Equal(kept.Labels, map[string]string{"old": "kept", "new": "x"}) // tables are merged
	is.Equal(shared, map[string]string{"old": "kept"})                  // and not changed: others may have it
}

// What a factory sets is left alone, though it is described as the default. Bounds of a list
// are not those of lists in it.
func TestPresetsAndBoundsOfLists(t *testing.T) {
	is := is.New(t)
	type table struct {
		Matrix [][]int
		Size   int
	}
	options := generated.Options{
		Fill: func(d *generated.Decoder, target any) {
			to := target.(*table)
			d.Begin()
			if d.Option(0) {
				generated.List(d, &to.Matrix, func(d *generated.Decoder, p *[]int) {
					generated.List(d, p, generated.Int)
				})
			}
			if d.Option(1) {
				generated.Int(d, &to.Size)
			}
			d.End()
		},
		Options: []generated.Option{
			{Name: "matrix", Type: "[][]int", Min: "1", Max: "2"},
			{Name: "size", Type: "int", Default: "5", HasDefault: true, Preset: true},
		},
	}
	v, err := config.Load(config.JSON("app.json", []byte(`{"matrix": [[1, 2, 3], []]}`)))
	is.NoErr(err)
	to := &table{Size: 7}
	is.NoErr(generated.Fill(generated.Request{Value: v, Options: &options, Target: to}).Err)
	is.Equal(*to, table{[][]int{{1, 2, 3}, {}}, 7})
}

// Each is one error, with a message that says what to do.
var wrong = []struct{ json, want string }{
	{`"addr": "nowhere"`, `app.json:1:26: addr: no valid netip.AddrPort: not an ip:port`},
	{`"addr": true`, `expected a string, got a boolean`},
	{`"addr": {}`, `expected a string, got a table`},
	{`"bool": "true"`, `bool: expected true or false, got a string`},
	{`"bool": 1`, `expected true or false, got an integer`},
	{`"bool": null`, `expected true or false, got null`},
	{`"level": 5`, `expected a string, got an integer: write "5"`},
	{`"level": "inof"`, `expected one of debug, info, warn (did you mean info?)`},
	{`"level": null`, `expected a string, got null`},
	{`"level": ["info"]`, `expected a string, got a list`},
	{`"f32": 1e39`, `out of range`},
	{`"f64": 1e400`, `out of range`},
	{`"f64": 10.6`, `must be at most 10.5`},
	{`"f64": -11`, `must be at least -10`},
	{`"f64": "1"`, `expected a number, got a string: write 1 without quotes`},
	{`"i8": 128`, `out of range: expected an integer from -128 to 127`},
	{`"i8": -129`, `out of range: expected an integer from -128 to 127`},
	{`"int": 9223372036854775808`, `out of range: expected an integer from -9223372036854775808`},
	{`"int": 1e400`, `out of range`},
	{`"int": 0.1`, `expected an integer, got a number with a fraction`},
	{`"int": 1e-1`, `expected an integer, got a number with a fraction`},
	{`"int": 9007199254740993.5`, `expected an integer, got a number with a fraction`},
	{`"int": "5"`, `expected an integer, got a string: write 5 without quotes`},
	{`"int": true`, `expected an integer, got a boolean`},
	{`"labels": []`, `expected a table, got a list`},
	{`"labels": {"a": 1}`, `labels.a: expected a string, got an integer`},
	{`"labels": {"a": "z"}`, `labels.a: expected one of x, y`},
	{`"labels": {"a": "x", "b": "x", "c": "x"}`, `labels: must have at most 2 items, got 3`},
	{`"names": "a"`, `names: expected a list, got a string`},
	{`"names": []`, `must have at least 1 item, got 0`},
	{`"names": ["a", 2]`, `app.json:1:33: names[1]: expected a string, got an integer`},
	{`"names": {"0": "a"}`, `expected a list, got a table`},
	{`"pair": [1]`, `expected a list of 2 items, got 1`},
	{`"pair": [1, 2, 3]`, `expected a list of 2 items, got 3`},
	{`"port": -1`, `out of range: expected an integer from 0 to 65535`},
	{`"port": 0`, `must be at least 1`},
	{`"port": 65536`, `out of range: expected an integer from 0 to 65535`},
	{`"ptr": "x"`, `expected an integer, got a string`},
	{`"quota": "1KiB"`, `must be at least 1MiB`},
	{`"quota": "2GiB"`, `must be at most 1GiB`},
	{`"quota": "many"`, `no valid app.size: strconv.ParseInt`},
	{`"retry": {"max": 11}`, `retry.max: must be at most 10`},
	{`"retry": {"maxx": 1}`, `retry.maxx: unknown option (did you mean max?)`},
	{`"retry": {"x": 1}`, `retry.x: unknown option; there are max, wait`},
	{`"retry": 5`, `retry: expected a table, got an integer`},
	{`"retry": [{}]`, `retry: expected a table, got a list`},
	{`"tables": {"max": 1}`, `tables: expected a list, got a table`},
	{`"tables": [{}, {"wait": "5"}]`, `tables[1].wait: the duration has no unit: write "5s"`},
	{`"tables": [5]`, `tables[0]: expected a table, got an integer`},
	{`"timeout": 5`, `expected a duration, got an integer: write a string with a unit: "5s"`},
	{`"timeout": "5"`, `the duration has no unit`},
	{`"timeout": "soon"`, `expected a duration such as "1m30s"`},
	{`"timeout": "61m"`, `must be at most 1h`},
	{`"tls": {"cert": "c"}`, `tls: a certificate needs a key`},
	{`"tls": {"inner": {"inner": {"cart": ""}}}`, `tls.inner.inner.cart: unknown option`},
	{`"token": "x"`, `must have at least 3 characters, got 1`},
	{`"u64": -1`, `out of range: expected an integer from 0 to 18446744073709551615`},
	{`"u64": 18446744073709551616`, `out of range`},
	{`"url": ":"`, `no valid url.URL: `},
	{`"word": "A"`, `does not match the pattern ^[a-z]+$`},
	{`"timout": "5s"`, `timout: unknown option (did you mean timeout?)`},
	{`"path": "/x"`, `path: given twice: "path" is another name of "dir"; remove it`},
	{`"completely": {"else": 1}`, `completely: unknown option; there are addr, any,`},
}

func TestEachErrorOnce(t *testing.T) {
	for _, test := range wrong {
		t.Run(test.json, func(t *testing.T) {
			is := is.New(t)
			_, err := decode(t, `{"dir": "/data", `+test.json+`}`)
			var all config.Errors
			is.True(errors.As(err, &all))
			is.Equal(len(all), 1)
			is.True(strings.HasPrefix(all[0].Error(), "app.json:1:"))
			if !strings.Contains(all[0].Error(), test.want) {
				t.Errorf("got  %v\nwant %v", all[0], test.want)
			}
		})
	}
}

// All errors come together, in the order of the file.
func TestAllErrorsTogether(t *testing.T) {
	is := is.New(t)
	_, err := decode(t, `{
"word": "A",
"unknown": 1,
"tls": {"cert": 1, "key": "k"},
"retry": {"max": 0, "wait": "x"},
"names": [1, 2]}`)
	var got []string
	for _, e := range err.(config.Errors) {
		got = append(got, fmt.Sprint(e.Position.Line, " ", e.Path))
	}
	is.Equal(got, []string{
		"1 dir", // which is missing
		"2 word", "3 unknown", "4 tls.cert", "5 retry.max", "5 retry.wait", "6 names[0]", "6 names[1]",
	})
}

func TestValidate(t *testing.T) {
	is := is.New(t)
	v, _ := config.Load(config.JSON("app.json", []byte(`{"dir": "/data"}`)))
	cause := errors.New("the moon is full")
	target := &everything{invalid: cause}
	err := generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: target}).Err
	is.True(errors.Is(err, cause))
	is.Equal(err.Error(), "app.json:1:1: the moon is full")
	check := generated.Request{Value: v, Options: &everythingOptions, Target: &everything{invalid: cause}, Check: true}
	is.NoErr(generated.Fill(check).Err)

	_, err = decode(t, `{"dir": "/data", "tls": {"cert": "c"}}`)
	is.True(errors.Is(err, errCert))
}

func TestWarnings(t *testing.T) {
	is := is.New(t)
	v, err := config.Load(config.JSON("app.json", []byte(`{"i8": 1,
"path": "/data"}`)))
	is.NoErr(err)
	f := generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: new(everything)})
	is.NoErr(f.Err)
	is.Equal(f.Warnings[0].Error(), `app.json:2:1: path: the option is called "dir" now`)
	is.Equal(f.Warnings[1].Error(), "app.json:1:2: i8: the option is deprecated: use int")
}

// The environment is stronger than files and weaker than what is set. The variable of the
// path is stronger than that of the option.
func TestEnvironment(t *testing.T) {
	is := is.New(t)
	environment := config.EnvironmentOf("P_", []string{
		"P_NAMES=a, b", "P_LABELS={\"a\": \"x\"}", "P_BOOL=1", "P_RETRY_MAX=7", "P_PTR=5", "P_DIR=/env",
		"P_TABLES_1_MAX=9", "P_TIMEOUT=", "P_TLS_INNER_CERT=c", "P_TLS_INNER_KEY=k", "P_TLS_FOO=ignored",
		"THE_INT=1", "P_INT=2", "TOKEN=from-env", "P_LEVEL=info", "P_UNKNOWN=x", "P_PAIR=[3, 4]",
	})
	e, err := decode(t, `{"dir": "/file", "timeout": "1s", "tables": [{}, {"max": 2}]}`, environment,
		config.Set("level=warn"))
	is.NoErr(err)
	is.Equal(e.Names, []string{"a", "b"})
	is.Equal(e.Labels, map[string]string{"a": "x"})
	is.True(e.Bool)
	is.Equal(e.Retry.Max, 7)
	is.Equal(*e.Ptr, 5)
	is.Equal(e.Dir, "/env")
	is.Equal(e.Tables, []retry{{Max: 3}, {Max: 9}})
	is.Equal(e.Timeout, time.Second) // an empty variable is none
	is.Equal(e.TLS, &tls{Inner: &tls{Cert: "c", Key: "k"}})
	is.Equal(e.Int, 2)
	is.Equal(e.Token, "from-env")
	is.Equal(e.Level, "warn")
	is.Equal(e.Pair, [2]int{3, 4})

	// Only what names an option makes a pointer to a struct.
	e, err = decode(t, `{"dir": "/file"}`, config.EnvironmentOf("P_", []string{"P_TLS_FOO=x", "P_TLSX_CERT=x"}))
	is.NoErr(err)
	is.True(e.TLS == nil)

	// A struct that contains itself is made once by its variable.
	e, err = decode(t, `{"dir": "/file", "tls": {"key": "k"}}`, config.EnvironmentOf("", []string{"CERT=x"}))
	is.NoErr(err)
	is.Equal(e.TLS, &tls{Cert: "x", Key: "k"})
	_, err = decode(t, `{"dir": "/file"}`, config.EnvironmentOf("", []string{"CERT=x"}))
	is.True(errors.Is(err, errCert)) // made by the variable, without a key

	_, err = decode(t, `{"tables": [{}]}`, config.EnvironmentOf("P_", nil))
	is.Equal(err.Error(), "app.json:1:1: dir: a required option is missing: set it, or the environment variable P_DIR")

	for variable, want := range map[string]string{
		"P_INT=x":         "environment variable P_INT: int: expected an integer",
		"P_PAIR=[1,":      "environment variable P_PAIR: pair: malformed JSON",
		"P_NAMES={}":      "environment variable P_NAMES: names: expected a list, got a table",
		"P_LABELS=x":      "environment variable P_LABELS: labels: expected a table, got text",
		"P_NAMES=a,b,c,d": "environment variable P_NAMES: names: must have at most 3 items, got 4",
	} {
		_, err := decode(t, `{"dir": "/file"}`, config.EnvironmentOf("P_", []string{variable}))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %v", variable, err, want)
		}
	}
}

func TestDurations(t *testing.T) {
	is := is.New(t)
	for text, want := range map[string]time.Duration{
		"0": 0, "-0": 0, "5s": 5 * time.Second, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute,
		"-1m1ms": -time.Minute - time.Millisecond, "1.000000001s": time.Second + 1, "2us": 2000, "2µs": 2000,
		"1m0.5s": time.Minute + time.Second/2,
		"999999h9999999m999999999s999999999999ms999999999999999us999999999999999999ns": 8199989965399999999,
	} {
		got, err := config.ParseDuration(text)
		is.NoErr(err)
		if len(text) < 70 {
			is.Equal(got, want)
		}
		is.True(got < 0 == strings.HasPrefix(text, "-") || got == 0)
	}
	for text, want := range map[string]string{
		"": "such as", "-": "such as", "s": "such as", "1.s": "such as", ".5s": "such as", "1d": "such as", "1 s": "such as",
		"+1s": "such as", "1S": "such as", "5": "has no unit", "00": "has no unit", "1s1h": "the larger ones first",
		"1s1s": "each unit of a duration once", "1.5ns": "too many digits", "1.0000000001s": "too many digits",
		"1000000h": "too many digits",
	} {
		_, err := config.ParseDuration(text)
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Interfaces that the element functions satisfy.
var _ encoding.TextUnmarshaler = (*moody)(nil)

// A login is full of secrets.
type login struct {
	Token   string
	Any     any
	List    []string
	Map     map[string]string
	Mood    moody
	Nested  tls
	Number  int
	URL     url.URL
	Visible string
	invalid func(*login) error
}

func (l *login) Validate() error {
	if l.invalid == nil {
		return nil
	}
	return l.invalid(l)
}

var loginOptions = generated.Options{
	Type: "example.org/app.login",
	Zero: (*login)(nil),
	New:  func() any { return new(login) },
	Fill: func(d *generated.Decoder, target any) {
		l := target.(*login)
		d.Begin()
		for i, fill := range []func(){
			func() { generated.Any(d, &l.Any) },
			func() { generated.List(d, &l.List, generated.String) },
			func() { generated.Map(d, &l.Map, generated.String) },
			func() { generated.Text(d, &l.Mood) },
			func() { fillTLS(d, &l.Nested) },
			func() { generated.Int(d, &l.Number) },
			func() { generated.String(d, &l.Token) },
			func() { generated.Binary(d, &l.URL) },
			func() { generated.String(d, &l.Visible) },
		} {
			if d.Option(i) {
				fill()
			}
		}
		d.End()
		generated.Validate(d, l)
	},
	Options: []generated.Option{
		{Name: "any", Type: "any", Secret: true},
		{Name: "list", Type: "[]string", Secret: true, Enum: []string{"x"}},
		{Name: "map", Type: "map[string]string", Secret: true, Enum: []string{"x"}},
		{Name: "mood", Type: "text", Go: "app.moody", Secret: true},
		{Name: "nested", Type: "table", Secret: true, Struct: &optionsOfTLS},
		{Name: "number", Type: "int", Secret: true, Max: "5"},
		{Name: "token", Type: "string", Secret: true, Enum: []string{"x"}, Env: "TOKEN", Deprecated: "use url"},
		{Name: "url", Type: "text", Go: "url.URL", Secret: true},
		{Name: "visible", Type: "string", Enum: []string{"x"}},
	},
}

// The bytes of a secret are in no error, wherever it stands and whatever is wrong with it.
func TestSecretsAreNotShown(t *testing.T) {
	const secret = "s3cr3t/p4ssw0rd"
	for _, json := range []string{
		`"token": "s3cr3t/p4ssw0rd"`,
		`"token": ["s3cr3t/p4ssw0rd"]`,
		`"token": {"s": "s3cr3t/p4ssw0rd"}`,
		`"toekn": "s3cr3t/p4ssw0rd"`,
		`"unknown": {"deep": ["s3cr3t/p4ssw0rd"]}`,
		`"number": "s3cr3t/p4ssw0rd"`,
		`"list": ["s3cr3t/p4ssw0rd"]`,
		`"list": "s3cr3t/p4ssw0rd"`,
		`"map": {"a": "s3cr3t/p4ssw0rd"}`,
		`"mood": "panic: s3cr3t/p4ssw0rd"`,
		`"mood": "fail: s3cr3t/p4ssw0rd"`,
		`"mood": "end: s3cr3t/p4ssw0rd"`,
		`"nested": {"cert": "s3cr3t/p4ssw0rd"}`,
		`"nested": {"cart": "s3cr3t/p4ssw0rd"}`,
		`"nested": "s3cr3t/p4ssw0rd"`,
		`"url": "http://u:s3cr3t/p4ssw0rd@ :1"`,
		`"url": "http://[s3cr3t/p4ssw0rd"`,
		`"token": "s3cr3t/p4ssw0rd", "visible": "s3cr3t/p4ssw0rd"`,
		`"any": "s3cr3t/p4ssw0rd", "visible": "s3cr3t/p4ssw0rd"`,
		`"any": {"a": ["s3cr3t/p4ssw0rd"]}, "visible": "s3cr3t/p4ssw0rd"`,
	} {
		t.Run(json, func(t *testing.T) {
			v, err := config.Load(config.JSON("app.json", []byte("{"+json+"}")))
			is.New(t).NoErr(err)
			checkHidden(t, v, nil, true, secret, "p4ssw0rd", "4ssw0r", "0rd")
		})
	}
	for _, variable := range []string{"P_LIST", "P_NUMBER", "P_MOOD", "P_MAP", "P_NESTED", "P_NESTED_CERT", "TOKEN"} {
		for _, value := range []string{secret, "fail " + secret, "[" + secret, `["` + secret + `"]`, "a,b" + secret} {
			v, err := config.Load(config.EnvironmentOf("P_", []string{variable + "=" + value}))
			is.New(t).NoErr(err)
			checkHidden(t, v, nil, false, secret, "p4ssw0rd", "4ssw0r", "0rd")
		}
	}
	v, _ := config.Load(config.JSON("app.json", []byte(`{"mood": "quiet s3cr3t/p4ssw0rd"}`)))
	for _, invalid := range []func(*login) error{
		func(l *login) error { return errors.New(l.Mood.said) },
		func(l *login) error { return fmt.Errorf("bad mood %q", l.Mood.said) },
		func(l *login) error { return &url.Error{Op: "parse", URL: l.Mood.said, Err: errors.New("no")} },
		func(l *login) error { return fmt.Errorf("at %q", l.Mood.said[10:]) },
		func(l *login) error { panic(l.Mood.said) },
		func(l *login) error { panic(errors.New(l.Mood.said)) },
	} {
		checkHidden(t, v, invalid, true, secret, "p4ssw0rd", "4ssw0r", "0rd")
	}
}

// Items of lists and tables that are text are secrets of their own.
func TestSecretItemsAreNotShown(t *testing.T) {
	for _, variable := range []string{
		`P_ANY=["sh0rt"]`, `P_MAP={"a": "sh0rt"}`, `P_LIST=["sh0rt", "x"]`, "P_LIST=sh0rt,x", `P_NESTED={"key": "sh0rt"}`,
	} {
		v, err := config.Load(config.EnvironmentOf("P_", []string{variable}))
		is.New(t).NoErr(err)
		free := loginOptions
		free.Options = slices.Clone(free.Options)
		for i := range free.Options {
			free.Options[i].Enum = nil
		}
		l := &login{invalid: func(*login) error { return errors.New("it is sh0rt") }}
		err = generated.Fill(generated.Request{Value: v, Options: &free, Target: l}).Err
		if err == nil || strings.Contains(err.Error(), "sh0rt") || errors.Unwrap(err.(config.Errors)[0]) != nil {
			t.Errorf("%s: %v", variable, err)
		}
	}
}

func checkHidden(t *testing.T, v config.Value, invalid func(*login) error, fails bool, secrets ...string) {
	t.Helper()
	f := generated.Fill(generated.Request{Value: v, Options: &loginOptions, Target: &login{invalid: invalid}})
	if f.Err == nil {
		if fails {
			t.Error("no error")
		}
		return
	}
	shown := fmt.Sprintf("%v %+v %#v %v %+v %#v %v %+v %#v", f.Err, f.Err, f.Err, f, f, f, v, v, v)
	for _, e := range append(f.Err.(config.Errors), f.Warnings...) {
		shown += fmt.Sprintf("%v %+v %#v", e, *e, *e)
		for err := error(e); err != nil; err = errors.Unwrap(err) {
			shown += fmt.Sprintf("%v %+v %#v", err, err, err)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown in %s", secret, shown)
		}
	}
}

// Methods of users' types may panic.
func TestPanics(t *testing.T) {
	is := is.New(t)
	var got []string
	options := generated.Options{
		Fill: func(d *generated.Decoder, target any) {
			d.Begin()
			if d.Option(0) {
				generated.Text(d, target.(*moody))
			}
			if d.Option(1) {
				panic("SetDefaults of a nested struct")
			}
			d.End()
		},
		Options: []generated.Option{{Name: "mood", Type: "text", Go: "app.moody"}, {Name: "table", Type: "table"}},
	}
	v, _ := config.Load(config.JSON("app.json", []byte(`{"mood": "panic"}`)))
	err := generated.Fill(generated.Request{Value: v, Options: &options, Target: new(moody)}).Err
	for _, e := range err.(config.Errors) {
		got = append(got, e.Path+": "+e.Message)
	}
	is.Equal(got, []string{
		"table: panic: SetDefaults of a nested struct", "mood: no valid app.moody: panic: moody was given panic",
	})
	options.Fill = func(*generated.Decoder, any) { panic("SetDefaults") }
	err = generated.Fill(generated.Request{Value: v, Options: &options, Target: new(moody)}).Err
	is.Equal(err.Error(), "panic: SetDefaults")
}

// Filling allocates nothing but the values: here a list, its strings being those of the file.
func TestAllocations(t *testing.T) {
	is := is.New(t)
	v, err := config.Load(config.JSON("app.json", []byte(`{
		"bool": true, "dir": "/data", "f64": 1.5, "int": 3, "level": "warn", "names": ["a", "b"], "port": 80,
		"quota": "2MiB", "timeout": "1m30s", "retry": {"max": 5, "wait": "1s"}, "addr": "127.0.0.1:80"
	}`)))
	is.NoErr(err)
	e := new(everything)
	r := generated.Request{Value: v, Options: &everythingOptions, Target: e}
	plain := everythingOptions
	plain.Fill = func(d *generated.Decoder, target any) {
		e := target.(*everything)
		d.Begin()
		if d.Option(2) {
			generated.Bool(d, &e.Bool)
		}
		if d.Option(3) {
			generated.String(d, &e.Dir)
		}
		if d.Option(5) {
			generated.Float(d, &e.F64)
		}
		if d.Option(7) {
			generated.Int(d, &e.Int)
		}
		if d.Option(9) {
			generated.String(d, &e.Level)
		}
		if d.Option(10) {
			generated.List(d, &e.Names, generated.String)
		}
		if d.Option(12) {
			generated.Uint(d, &e.Port)
		}
		if d.Option(15) {
			fillRetry(d, &e.Retry)
		}
		if d.Option(17) {
			generated.Duration(d, &e.Timeout)
		}
		d.End()
		generated.Validate(d, e)
	}
	r.Options = &plain
	is.NoErr(generated.Fill(r).Err)
	is.Equal(testing.AllocsPerRun(100, func() {
		if generated.Fill(r).Err != nil {
			t.Fatal("it failed")
		}
	}), 1.0)
}

// A client embeds a struct that is described in another module.
type client struct {
	retry
	Name  string
	valid int
}

func (c *client) Validate() error {
	c.valid++
	return nil
}

var clientOptions = generated.Options{
	Type: "example.org/app.client",
	New:  func() any { return new(client) },
	Fill: func(d *generated.Decoder, target any) {
		c := target.(*client)
		d.Begin()
		if d.Embed(0) {
			fillRetry(d, &c.retry)
		}
		if d.Option(0) {
			generated.String(d, &c.Name)
		}
		d.End()
		generated.Validate(d, c)
	},
	Options:  []generated.Option{{Name: "name", Type: "string", Required: true}},
	Embedded: []*generated.Options{&retryOptions},
}

// The options of an embedded struct stand in the table of the struct that embeds it.
func TestEmbed(t *testing.T) {
	is := is.New(t)
	fill := func(json string, more ...config.Source) (*client, error) {
		v, err := config.Load(append(more, config.JSON("app.json", []byte(json)))...)
		is.NoErr(err)
		c := new(client)
		return c, generated.Fill(generated.Request{Value: v.At("c"), Options: &clientOptions, Target: c}).Err
	}
	c, err := fill(`{"c": {"max": 5, "name": "x"}}`, config.EnvironmentOf("P_", []string{"P_C_WAIT=2s"}))
	is.NoErr(err)
	is.Equal(c.retry, retry{Max: 5, Wait: 2 * time.Second})
	is.Equal(c.Name, "x")
	is.Equal(c.valid, 1)
	c, err = fill(`{"c": {"name": "x"}}`)
	is.NoErr(err)
	is.Equal(c.Max, 3)
	c, err = fill(`{"c": {"max": 50, "maxx": 5, "nam": "x"}}`)
	var paths []string
	for _, e := range err.(config.Errors) {
		paths = append(paths, e.Path+": "+e.Message)
	}
	is.Equal(paths, []string{
		"c.name: a required option is missing: set it",
		"c.max: must be at most 10",
		"c.maxx: unknown option (did you mean max?)",
		"c.nam: unknown option (did you mean name?)",
	})
	is.Equal(c.valid, 0)
	c, err = fill(`{"c": 5}`)
	is.Equal(len(err.(config.Errors)), 1)
	is.Equal(c.valid, 0) // Validate is not called for what is no table
	_, err = fill(`{"c": [{"name": "x"}, {"name": "y"}]}`)
	is.Equal(err.Error(), "app.json:1:7: c: expected a table, got a list: there can be one c only\n\t1 | c: [… 2]")
}

// However much is wrong, there are a hundred errors, and one that counts the others.
func TestErrorsAreBounded(t *testing.T) {
	is := is.New(t)
	tree := map[string]any{"dir": "/data"}
	for i := range 100_000 {
		tree[fmt.Sprint("unknown", i)] = i
	}
	numbers := make([]any, 100_000)
	for i := range numbers {
		numbers[i] = i
	}
	tree["tables"] = numbers
	v, err := config.Load(config.FromMap("tree", tree))
	is.NoErr(err)
	err = generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: new(everything)}).Err
	all := err.(config.Errors)
	is.Equal(len(all), 101)
	is.True(strings.Contains(err.Error(), "199900 more errors"))
}
