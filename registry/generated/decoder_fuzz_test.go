package generated_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// same are the options that encoding/json reads as the decoder does.
type same struct {
	Bool   bool
	F64    float64
	I8     int8
	Int    int
	Labels map[string]string
	Level  string
	Names  []string
	Port   uint16
	Ptr    *int
	Retry  struct{ Max *int }
	Tables []struct{ Max *int }
	U64    uint64
}

// FuzzDecoder: no configuration makes the decoder panic or show a secret, and what it
// accepts it reads as encoding/json does.
func FuzzDecoder(f *testing.F) {
	for _, test := range wrong {
		f.Add(`{"dir": "/data", ` + test.json + `}`)
	}
	f.Add(`{"dir": "/d", "int": 5.0, "ptr": null, "names": ["a"], "labels": {"a": "x"}, "retry": {"max": 2}, "f64": -0.0}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := config.Load(config.JSON("app.json", []byte(text)))
		if err != nil {
			return
		}
		e := new(everything)
		err = generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: e}).Err
		checkErrors(t, err, v)
		var s same
		if err != nil || strings.ContainsAny(text, ".eE\\") || json.Unmarshal([]byte(text), &s) != nil {
			return // encoding/json takes no 5.0 as an integer, and names of any case
		}
		compare(t, text, e, &s)
	})
}

// checkErrors checks the form of errors, and that they do not show the token.
func checkErrors(t *testing.T, err error, v config.Value) {
	t.Helper()
	if err == nil {
		return
	}
	token, _ := v.Key("token").Text()
	for _, e := range err.(config.Errors) {
		if e.Message == "" || e.Path == "" && !strings.Contains(e.Message, "expected a table") {
			t.Errorf("no message or path: %#v", e)
		}
		if len(token) > 8 && strings.Contains(e.Error(), token) && !strings.Contains(e.Path, token) {
			t.Errorf("the token is shown: %v", e)
		}
	}
}

func compare(t *testing.T, text string, e *everything, s *same) {
	t.Helper()
	orDefault := func(p *int) int {
		if p == nil {
			return 3
		}
		return *p
	}
	got := []any{
		e.Bool, e.F64, e.I8, e.Int, len(e.Labels), len(e.Names), e.Port, e.Ptr == nil, e.Retry.Max,
		len(e.Tables), e.U64,
	}
	want := []any{
		s.Bool, s.F64, s.I8, s.Int, len(s.Labels), len(s.Names), s.Port, s.Ptr == nil, orDefault(s.Retry.Max),
		len(s.Tables), s.U64,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, encoding/json has %v", text, got, want)
	}
	for i := range e.Tables {
		if e.Tables[i].Max != orDefault(s.Tables[i].Max) {
			t.Errorf("%s: tables[%d]: got %d, encoding/json has %d", text, i, e.Tables[i].Max, orDefault(s.Tables[i].Max))
		}
	}
	if e.Ptr != nil && *e.Ptr != *s.Ptr || s.Level != "" && e.Level != s.Level {
		t.Errorf("%s: got %v and %q", text, *e.Ptr, e.Level)
	}
}

// Random trees, most of whose names are those of options.
func TestRandomTrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 20_000 {
		tree := map[string]any{"dir": "/data"}
		for range r.IntN(4) {
			o := everythingOptions.Options[r.IntN(len(everythingOptions.Options))]
			tree[o.Name] = randomValue(r, 0)
		}
		v, err := config.Load(config.FromMap("tree", tree))
		if err != nil {
			t.Fatal(tree, err)
		}
		err = generated.Fill(generated.Request{Value: v, Options: &everythingOptions, Target: new(everything)}).Err
		checkErrors(t, err, v)
		if err == nil {
			accepted++
		}
	}
	is.New(t).True(accepted > 2000)
}

func randomValue(r *rand.Rand, depth int) any {
	words := []string{"info", "debug", "5s", "1m", "127.0.0.1:80", "x", "2MiB", "http://h/p", "abc", "c", "", "a longer text"}
	switch kind := r.IntN(10); {
	case kind < 3:
		return words[r.IntN(len(words))]
	case kind < 5:
		return []int64{0, 1, 5, -1, 127, 128, 65535, 65536, 1 << 40, -1 << 63}[r.IntN(10)]
	case kind == 5:
		return []float64{0, 0.5, 3, 1e300, -2.5}[r.IntN(5)]
	case kind == 6:
		return r.IntN(2) == 0
	case kind == 7 || depth > 3:
		return nil
	case kind == 8:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, depth+1)
		}
		return list
	}
	table := make(map[string]any)
	for _, name := range []string{"max", "wait", "cert", "key", "inner", "a"} {
		if r.IntN(3) == 0 {
			table[name] = randomValue(r, depth+1)
		}
	}
	return table
}

// The pattern for JSON Schema and the parser accept the same, and the standard library reads
// it as the same duration.
func FuzzDuration(f *testing.F) {
	for _, text := range []string{"1h30m", "-1.5s", "0", "1ns", "1.5ns", "9999999m", "1µs1ns", "1s1s", "1h1", "1.5", "3us2ms"} {
		f.Add(text)
	}
	pattern := regexp.MustCompile(config.DurationPattern)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := config.ParseDuration(text)
		if matches := pattern.MatchString(text); matches != (err == nil) {
			t.Errorf("%q: the pattern matches: %v; the error is %v", text, matches, err)
		}
		if want, wrong := time.ParseDuration(text); err == nil && (wrong != nil || got != want) {
			t.Errorf("%q: got %v, time.ParseDuration has %v, %v", text, got, want, wrong)
		}
		if again, err := config.ParseDuration(got.String()); err != nil || again != got {
			t.Errorf("%v is not what String returned: %v, %v", got, again, err)
		}
	})
}

// Random durations of the grammar.
func TestDurationsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pattern := regexp.MustCompile(config.DurationPattern)
	for range 50_000 {
		var b strings.Builder
		if r.IntN(5) == 0 {
			b.WriteString("-")
		}
		for _, unit := range []string{"h", "m", "s", "ms", "us", "µs", "ns", "x"} {
			if r.IntN(3) > 0 {
				continue
			}
			for range 1 + r.IntN(3) {
				b.WriteString(strconv.Itoa(r.IntN(1 << (1 + r.IntN(20)))))
			}
			if r.IntN(4) == 0 {
				fmt.Fprintf(&b, ".%d", r.IntN(1<<(1+r.IntN(30))))
			}
			b.WriteString(unit)
		}
		text := b.String()
		got, err := config.ParseDuration(text)
		if matches := pattern.MatchString(text); matches != (err == nil) {
			t.Fatalf("%q: the pattern matches: %v; the error is %v", text, matches, err)
		}
		if want, wrong := time.ParseDuration(text); err == nil && (wrong != nil || got != want) {
			t.Fatalf("%q: got %v, time.ParseDuration has %v, %v", text, got, want, wrong)
		}
	}
}
