package generated_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A spy is a text whose errors show it in one of many ways.
type spy struct{}

var spying = map[string]func(string) error{
	"plain":   func(s string) error { return errors.New(s) },
	"quoted":  func(s string) error { return fmt.Errorf("%q", s) },
	"ascii":   func(s string) error { return fmt.Errorf("%+q", s) },
	"hex":     func(s string) error { return fmt.Errorf("%x", s) },
	"bytes":   func(s string) error { return fmt.Errorf("%v", []byte(s)) },
	"base64":  func(s string) error { return errors.New(base64.StdEncoding.EncodeToString([]byte(s))) },
	"url":     func(s string) error { return errors.New(base64.URLEncoding.EncodeToString([]byte(s))) },
	"query":   func(s string) error { return errors.New(url.QueryEscape(s)) },
	"path":    func(s string) error { return errors.New(url.PathEscape(s)) },
	"upper":   func(s string) error { return errors.New(strings.ToUpper(s)) },
	"lines":   func(s string) error { return errors.New(strings.Join(strings.Split(s, ""), "\n")) },
	"wrapped": func(s string) error { return &quiet{errors.Join(errors.New("x"), errors.New(s))} },
	"panic":   func(s string) error { panic(s) },
	"long":    func(s string) error { return errors.New(strings.Repeat("x", 1<<20) + s) },
}

// A quiet error shows nothing, but wraps one that does.
type quiet struct{ error }

func (q *quiet) Error() string { return "quiet" }

func (q *quiet) Unwrap() error { return q.error }

func (s *spy) UnmarshalText(text []byte) error {
	how, what, _ := strings.Cut(string(text), ":")
	return spying[how](what)
}

// A spied struct has a text before and after its secret.
type spied struct {
	A, Z   spy
	Secret string
	Map    map[string]int
}

var spiedOptions = generated.Options{
	Type: "spied",
	Options: []generated.Option{
		{Name: "a", Type: "text", Go: "spy"},
		{Name: "map", Type: "map[string]int", Secret: true},
		{Name: "secret", Type: "string", Secret: true},
		{Name: "z", Type: "text", Go: "spy"},
	},
	Zero: (*spied)(nil),
	New:  func() any { return new(spied) },
	Fill: func(d *generated.Decoder, target any) {
		p := target.(*spied)
		d.Begin()
		if d.Option(0) {
			generated.Text(d, &p.A)
		}
		if d.Option(1) {
			generated.Map(d, &p.Map, generated.Int[int])
		}
		if d.Option(2) {
			generated.String(d, &p.Secret)
		}
		if d.Option(3) {
			generated.Text(d, &p.Z)
		}
		d.End()
	},
}

// However a method's error writes a secret, whatever option has it, and whatever wraps it, it
// is not shown. Neither is what a reference resolves to.
func TestErrorsOfMethodsShowNoSecret(t *testing.T) {
	for _, secret := range []string{"hunter2-secret", `h"u"n"t"e"r"2`, "päßwörd-ÿ", "a%b c/d=e&f+g", "\x01\x02\x03secret\n"} {
		for how := range spying {
			for what, values := range map[string]map[string]any{
				"a secret":    {"a": how + ":" + secret, "z": how + ":" + secret, "secret": secret},
				"a reference": {"a": how + ":${S}", "z": how + ":${S}"},
			} {
				v, err := config.Load(config.FromMap("app", values), config.EnvironmentOf("", []string{"S=" + secret}))
				if err != nil {
					t.Fatal(err)
				}
				err = generated.Fill(generated.Request{Value: v, Options: &spiedOptions, Target: new(spied)}).Err
				shown := allOf(err)
				for form, f := range spying {
					if form == "panic" || form == "long" || form == "wrapped" {
						continue
					}
					if said := f(secret).Error(); strings.Contains(shown, said) {
						t.Errorf("%s %q is shown as %s: %.300s", what, secret, how, shown)
					}
				}
				if !strings.Contains(shown, "a: no valid spy") || len(shown) > 1<<20 {
					t.Errorf("%s: %.300s", how, shown)
				}
			}
		}
	}
}

// allOf returns all that can be read of an error.
func allOf(err error) string {
	shown := fmt.Sprintf("%v %+v %#v\n", err, err, err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			shown += allOf(cause)
		}
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			shown += allOf(cause)
		}
	}
	return shown
}

// Names in a secret are not shown either.
func TestNamesInSecretsAreNotShown(t *testing.T) {
	is := is.New(t)
	v, err := config.Load(
		config.FromMap("app", map[string]any{"map": map[string]any{"hunter2": "x"}, "secret": map[string]any{"hunter2": 1}}),
	)
	is.NoErr(err)
	err = generated.Fill(generated.Request{Value: v, Options: &spiedOptions, Target: new(spied)}).Err
	is.Equal(err.Error(), "app: map.***: expected an integer, got a string\n\t| *** = ***\n"+
		"app: secret: expected a string, got a table")
	var printed strings.Builder
	is.NoErr(generated.Print(&printed, v, func(string) *generated.Options { return &spiedOptions }))
	is.True(!strings.Contains(printed.String(), "hunter2"))

	v, err = config.Load(config.EnvironmentOf("X_", []string{`X_MAP={"hunter2": 1, "hunter2": 2}`}))
	is.NoErr(err)
	err = generated.Fill(generated.Request{Value: v, Options: &spiedOptions, Target: new(spied)}).Err
	is.True(strings.Contains(err.Error(), "malformed JSON"))
	is.True(!strings.Contains(allOf(err), "hunter2"))
}
