package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
)

var errSealed = errors.New("sealed")

// loadString returns what a string of a file is after references.
func loadString(t *testing.T, value string) (config.Value, error) {
	t.Helper()
	return loadStrings(t, map[string]any{"x": value})
}

func loadStrings(t *testing.T, values map[string]any) (config.Value, error) {
	t.Helper()
	cfg, err := config.Load(
		config.FromMap("f", values),
		config.EnvironmentOf("", []string{"A=a", "EMPTY=", "NESTED=${A}", "BAD=\xff", "B=first", "B=b", "=C:=C:\\"}),
		config.Resolver("vault", func(ref string) (string, error) {
			switch ref {
			case "missing":
				return "", fmt.Errorf("no secret %s: %w", ref, fs.ErrNotExist)
			case "sealed":
				return "", errSealed
			case "large":
				return strings.Repeat("x", 1<<20+1), nil
			}
			return "<" + ref + ">", nil
		}),
	)
	return cfg.At("x"), err
}

func TestReferences(t *testing.T) {
	is := is.New(t)
	file := write(t, "token", "line\nend\r\n")
	for written, want := range map[string]string{
		"":                           "string ",
		"plain $A $ $$ $$$":          "string plain $A $ $$ $$$",
		"a}b{c":                      "string a}b{c",
		"${A}":                       "text a",
		"${env:A}":                   "text a",
		"${B}":                       "text b",
		"${A}${A}":                   "string aa",
		"x${A}":                      "string xa",
		"${A} ":                      "string a ",
		"${EMPTY}":                   "text ",
		"${EMPTY:-x}":                "text x",
		"${NONE:-}":                  "text ",
		"${NONE:-a:b-c$d}":           "text a:b-c$d",
		"${A:-x}":                    "text a",
		"${NONE:-${A}}":              "text a",
		"${NONE:-<${EMPTY:-${A}}>}}": "string <a>}",
		"${A:-${NONE}}":              "text a", // a default that is not needed is not resolved
		"${A:-${}}":                  "error",
		"${NONE:-$${A}}":             "string ${A}",
		"$${A}":                      "string ${A}",
		"$$${A}":                     "string $a",
		"$$$${A}":                    "string $${A}",
		"a$$${A}b":                   "string a$ab",
		"${NESTED}":                  "text ${A}", // a result is not searched
		"${vault:db#password}":       "text <db#password>",
		"${vault:a:b}":               "text <a:b>",
		"${vault:missing:-x}":        "text x",
		"${file:" + file + "}":       "text line\nend",
		"${file:" + file + "no:-x}":  "text x",
		"é${A}é$${é":                 "string éaé${é",
		"$y$10$abc":                  "string $y$10$abc",
	} {
		v, err := loadString(t, written)
		if want == "error" {
			var errs config.Errors
			is.True(errors.As(err, &errs))
			is.True(errs[0].Path != "") // where the string is
			continue
		}
		is.NoErr(err)
		said, err := v.Text()
		is.NoErr(err)
		got := strings.TrimPrefix(v.Kind().String(), "a ") + " " + said
		if got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}

// Each is one error with the place of the string; no text of the string is in it
// but the reference's own.
func TestReferencesThatDoNotResolve(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	large := write(t, "large", strings.Repeat(secret, 1<<20/len(secret)+1))
	binary := write(t, "binary", secret+"\xff")
	const malformed = "malformed reference; write ${NAME}, ${NAME:-default} or ${file:PATH}, and $${ to have ${ in the string"
	for written, want := range map[string]string{
		"${NONE}":                "reference ${NONE}: environment variable NONE is not set; set it, or write ${NONE:-default}",
		"${NONE:-${OTHER}}":      "reference ${OTHER}: environment variable OTHER is not set; set it, or write ${OTHER:-default}",
		"${":                     "a reference has no }; to have ${ in the string, write $${",
		"${A:-" + secret:         "a reference has no }; to have ${ in the string, write $${",
		"${A:-${A}":              "a reference has no } after its default; to have ${ in the string, write $${",
		"${}":                    malformed,
		"${ A }":                 malformed,
		"${A.B}":                 malformed,
		"${A-x}":                 malformed,
		"${1}":                   malformed,
		"${:-x}":                 malformed,
		"${file:}":               malformed,
		"${vault:${A}}":          malformed,
		"${" + secret + "!}":     malformed,
		"${valt:x}":              "reference ${valt:x}: no resolver valt; there are: env, file, vault",
		"${vault:missing}":       "reference ${vault:missing}: no secret missing: file does not exist",
		"${vault:sealed:-x}":     "reference ${vault:sealed}: sealed",
		"${vault:large}":         "reference ${vault:large}: the result is larger than 1 MiB",
		"${BAD}":                 "reference ${BAD}: the result is no valid UTF-8",
		"${file:/no/such}":       "reference ${file:/no/such}: no such file or directory",
		"${file:" + dir + "}":    "is a directory; expected a file",
		"${file:/dev/null}":      "reference ${file:/dev/null}: is a device; expected a regular file",
		"${file:/dev/zero}":      "reference ${file:/dev/zero}: is a device; expected a regular file",
		"${file:" + large + "}":  "the file is larger than 1 MiB",
		"${file:" + binary + "}": "the result is no valid UTF-8",
		strings.Repeat("${X:-", 11) + strings.Repeat("}", 11):       "more than 10 references in each other",
		strings.Repeat("${X:-", 1<<20) + strings.Repeat("}", 1<<20): "more than 10 references in each other",
	} {
		_, err := loadString(t, secret+written+secret)
		if err == nil {
			t.Errorf("%q: no error", shorten(written))
			continue
		}
		_, message, placed := strings.Cut(err.Error(), "f: x: ")
		is.True(placed)                                                                // the string's place
		is.True(!strings.Contains(strings.ReplaceAll(err.Error(), large, ""), secret)) // nothing of the string
		if !strings.HasSuffix(message, want) || strings.Contains(message, "\n") {
			t.Errorf("%q:\ngot  %q\nwant %q", shorten(written), message, want)
		}
	}
	_, err := loadString(t, "${vault:sealed}")
	is.True(errors.Is(err, errSealed)) // the cause is there
}

func shorten(s string) string { return s[:min(len(s), 80)] }

// A reference to the file that it is in is an error, by whatever path.
func TestReferenceToItself(t *testing.T) {
	is := is.New(t)
	path := write(t, "c.json", "")
	other := filepath.Join(filepath.Dir(path), "link")
	is.NoErr(os.Symlink(path, other))
	is.NoErr(os.WriteFile(path, fmt.Appendf(nil, "{\n \"token\": \"${file:%s}\"}", other), 0o600))
	_, err := config.Load(config.JSONFile(path))
	is.Equal(err.Error(), path+":2:11: token: reference ${file:"+shortened(other)+"}: a file refers to itself")
}

func shortened(path string) string {
	if path = "file:" + path; len(path) > 60 {
		path = path[:60] + "…"
	}
	return strings.TrimPrefix(path, "file:")
}

// What many references resolve to together is bounded, and each is asked for once.
func TestManyReferences(t *testing.T) {
	is := is.New(t)
	large := write(t, "large", strings.Repeat("x", 1<<20))
	many := map[string]any{}
	for i := range 100 {
		many[fmt.Sprint(i)] = strings.Repeat("${file:"+large+"}", 100)
	}
	_, err := loadStrings(t, many)
	is.True(strings.Contains(err.Error(), "the references of the configuration resolve to more than 16 MiB"))

	calls := 0
	_, err = config.Load(
		config.FromMap("f", map[string]any{"a": "${x:y}${x:y}", "b": "${x:y}", "c": "${x:z:-${x:y}}"}),
		config.Resolver("x", func(string) (string, error) { calls++; return "", nil }),
	)
	is.NoErr(err)
	is.Equal(calls, 2)
}

// A program can replace what is built in, and what is wrong with a resolver is an error.
func TestResolvers(t *testing.T) {
	is := is.New(t)
	refused := errors.New("files are refused")
	_, err := config.Load(config.FromMap("f", map[string]any{"a": "${file:/etc/hostname}"}),
		config.Resolver("file", func(string) (string, error) { return "", refused }))
	is.True(errors.Is(err, refused))
	for _, r := range []config.Source{config.Resolver("Vault", func(s string) (string, error) { return s, nil }), config.Resolver("", nil), config.Resolver("x", nil)} {
		_, err = config.Load(r)
		is.True(strings.Contains(fmt.Sprint(err), "expected a name of lower-case letters"))
	}
}

// References are resolved where they are written: not in keys, in what is replaced, or in
// variables.
func TestWhereReferencesAreResolved(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(
		config.FromMap("weak", map[string]any{"a": "${NONE}", "${NONE}": 1}),
		config.FromMap("strong", map[string]any{"a": []any{"${A:-x}"}}),
		config.Set("b=${A:-y}", "c=$${z}"),
	)
	is.NoErr(err)
	is.Equal(dump(cfg), "\"${NONE}\": an integer 1, weak\na[0]: text x, strong\nb: text y, -set\nc: text ${z}, -set\n")
}
