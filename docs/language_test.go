package docs_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/language"
)

//go:generate go test . -run TestLanguage -update-language

var updateLanguage = flag.Bool("update-language", false, "write what language.md has of the keys")

// TestLanguage has language.md describe every key as the table of keys does, each with an example.
func TestLanguage(t *testing.T) {
	is := is.New(t)
	data, err := os.ReadFile("language.md")
	is.NoErr(err)
	text := fill(string(data), "declarations", declarations())
	for _, key := range language.Reference() {
		_, section, found := strings.Cut(text, "\n### "+key.Name+"\n")
		section, _, _ = strings.Cut(section, "\n### ")
		if !found || !strings.Contains(section, "\n```go ") {
			t.Errorf("language.md has no section with an example of the key %s", key.Name)
		}
		text = fill(text, key.Name, described(key))
	}
	switch {
	case *updateLanguage:
		is.NoErr(os.WriteFile("language.md", []byte(text), 0o666))
	case text != string(data):
		t.Error("language.md is not what the table of keys says: run go generate ./docs")
	}
}

// fill puts a text between the comments of a name.
func fill(page, name, text string) string {
	begin := "<!-- made: " + name + " -->\n"
	before, rest, ok := strings.Cut(page, begin)
	_, after, found := strings.Cut(rest, "<!-- end -->")
	if !ok || !found {
		return page
	}
	return before + begin + text + "<!-- end -->" + after
}

// declarations is a table of the keys that each declaration takes.
func declarations() string {
	var places []string
	on := map[string][]string{}
	for _, key := range language.Reference() {
		for _, place := range key.On {
			if on[place] == nil {
				places = append(places, place)
			}
			on[place] = append(on[place], fmt.Sprintf("[`%s`](#%s)", key.Name, anchor(key.Name)))
		}
	}
	slices.Sort(places)
	var b strings.Builder
	b.WriteString("| declaration | keys |\n| --- | --- |\n")
	for _, place := range places {
		fmt.Fprintf(&b, "| %s | %s |\n", code(place), strings.Join(on[place], ", "))
	}
	return b.String()
}

// described is what the table says of a key.
func described(key language.Entry) string {
	example := "`" + key.Example + "`"
	if key.Name == "factory" || key.Name == "option" || key.Name == "options" {
		example = "`" + key.Name + "`, " + example
	}
	text := fmt.Sprintf("%s: %s.\n\n", example, code(key.Doc))
	if key.Value != "" {
		text += "- **Value:** " + code(key.Value) + "\n"
	} else {
		text += "- **Value:** none\n"
	}
	if key.Default != "" {
		text += "- **Without it:** " + key.Default + "\n"
	}
	if !key.Option {
		text += "- **On:** " + code(strings.Join(key.On, ", ")) + "\n"
	}
	return text
}

var codeWords = regexp.MustCompile(`(//plugin:\w+|\*?registry\.\w+(\.\w+)?|\w+:\*|func\([\w.]*\)( \w+)?|new\(T\)|pkg\.Name|\w+\.\.\.|\bpackages=|"Deprecated: "|` +
	`map\[K\]V|\[\]T|\*T|T\[A\]|pkg\.T|snake_case)`)

// code puts what is code in a text between backquotes.
func code(text string) string { return codeWords.ReplaceAllString(text, "`$1`") }
