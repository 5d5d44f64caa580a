package render

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
)

// Every run renders every file, to compare it with the one that is there. Jennifer builds
// each statement from tokens and gofmt parses them again, which takes 100 to 400 µs for a plugin,
// while most plugins differ from others in names and texts only. So a declaration is
// rendered once as a template, with placeholders for names and texts, and then filled.

// A template is a declaration with placeholders in it.
type template struct {
	pieces  []piece
	imports []string // paths of what the declaration refers to, whatever is in the placeholders
}

// A piece is text, and the placeholder behind it.
type piece struct {
	text        string
	placeholder int // -1 for none
	in          context
}

// A context is where a placeholder is.
type context int

const (
	inCode context = iota
	inString
	inComment
)

// printable returns a line of a comment without what can't be printed: a line end would end
// the comment.
func printable(line string) string {
	if isPlain(line) {
		return line
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, line)
}

// isPlain reports whether a text is the same in code, in a string and in a comment.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// delimiter begins and ends a placeholder in source. It is a letter, so that a placeholder is
// an identifier.
const delimiter = "\u01c2"

func placeholder(n int) string {
	if n < len(placeholders) {
		return placeholders[n].String()
	}
	return delimiter + strconv.Itoa(n) + delimiter
}

// placeholderIdent returns a placeholder as the identifier that it is.
func placeholderIdent(n int) code.Ident {
	if n < len(placeholders) {
		return placeholders[n]
	}
	id, err := code.ParseIdent(placeholder(n))
	if err != nil {
		panic(err)
	}
	return id
}

// placeholders are the first placeholders, made once: most templates need no others.
var placeholders = func() (all [50]code.Ident) {
	for n := range all {
		all[n], _ = code.ParseIdent(delimiter + strconv.Itoa(n) + delimiter)
	}
	return all
}()

// newTemplate finds the placeholders in source.
func newTemplate(src string) *template {
	t := &template{}
	comment := strings.HasPrefix(src, "//") // whether the line is one
	for {
		before, rest, ok := strings.Cut(src, delimiter)
		if !ok {
			t.pieces = append(t.pieces, piece{before, -1, inCode})
			return t
		}
		if i := strings.LastIndexByte(before, '\n'); i >= 0 {
			comment = strings.HasPrefix(strings.TrimLeft(before[i+1:], "\t"), "//")
		}
		number, rest, _ := strings.Cut(rest, delimiter)
		p := piece{text: before}
		p.placeholder, _ = strconv.Atoi(number)
		switch {
		case comment:
			p.in = inComment
		case strings.HasSuffix(before, `"`):
			p.in = inString
		}
		t.pieces = append(t.pieces, p)
		src = rest
	}
}

// An argument is what a placeholder is replaced by.
type argument struct {
	text    string
	path    string   // of an import that the text mentions, "" for none
	imports []string // more of those
}

// fill writes the template with the arguments in place of its placeholders, and records the
// imports of those arguments.
func (t *template) fill(b *bytes.Buffer, arguments []argument, used map[string]bool) {
	for _, p := range t.pieces {
		b.WriteString(p.text)
		if p.placeholder < 0 {
			continue
		}
		with := arguments[p.placeholder]
		if with.path != "" {
			used[with.path] = true
		}
		for _, path := range with.imports {
			used[path] = true
		}
		switch {
		case p.in == inCode || isPlain(with.text):
			b.WriteString(with.text)
		case p.in == inString:
			quoted := strconv.AppendQuote(b.AvailableBuffer(), with.text)
			b.Write(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(printable(with.text))
		}
	}
}

// templates holds the templates that have been rendered, by what they were rendered from.
var templates = struct {
	sync.RWMutex
	all map[string]*template
}{all: map[string]*template{}}

// templateOf returns the template of a declaration, which depends on nothing but its key: the
// names that it may use and the declaration itself.
func templateOf[T any](k key, n names, declaration T, build func(*builder, T)) (*template, error) {
	templates.RLock()
	found := templates.all[string(k)]
	templates.RUnlock()
	if found != nil {
		return found, nil
	}
	b := &builder{names: n, out: jen.NewFile("p")}
	build(b, declaration)
	var src bytes.Buffer
	if err := b.out.Render(&src); err != nil { // which has gofmt lay it out
		return nil, err
	}
	t := newTemplate(strings.TrimPrefix(src.String(), "package p\n"))
	t.imports = b.imports
	if len(k) < maxKey {
		templates.Lock()
		templates.all[string(k)] = t
		templates.Unlock()
	}
	return t, nil
}

// maxKey bounds the keys of templates that are kept. A declaration with a longer key is so large
// that no other will share its template.
const maxKey = 100_000

// maxText bounds the texts that are arguments. gofmt lays out longer ones in another way, so they
// are part of the template.
const maxText = 100_000

// An extractor puts placeholders in the place of names and texts, and collects these as
// arguments.
type extractor struct {
	arguments []argument
}

func (h *extractor) placeholder(f argument) string {
	h.arguments = append(h.arguments, f)
	return placeholder(len(h.arguments) - 1)
}

// text replaces a text that becomes a string literal by a placeholder.
func (h *extractor) text(s *string) {
	switch {
	case *s == "":
	case len(*s) < maxText:
		*s = h.placeholder(argument{text: *s})
	default:
		*s = strings.ReplaceAll(*s, delimiter, h.placeholder(argument{text: delimiter}))
	}
}

// texts returns the list with a placeholder for each text.
func (h *extractor) texts(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	for i := range list {
		h.text(&list[i])
	}
	return list
}

// properties replaces the texts of properties. Numbers stay.
func (h *extractor) properties(p *annotate.Properties) {
	for property := range p.All() {
		switch value := property.Value.(type) {
		case *string:
			h.text(value)
		case *[]string:
			*value = h.texts(*value)
		case *[]annotate.Attr:
			*value = slices.Clone(*value)
			for i := range *value {
				h.text(&(*value)[i].Key)
				h.text(&(*value)[i].Value)
			}
		}
	}
}

// word replaces a text that a comment mentions, too. What can't be printed is replaced there: a
// line end would end the comment.
func (h *extractor) word(s *string) { *s = h.placeholder(argument{text: *s}) }

// ident returns a placeholder for an identifier; none if it is none.
func (h *extractor) ident(i code.Ident) code.Ident {
	if i.String() == "" {
		return i
	}
	return h.identPlaceholder(argument{text: i.String()})
}

func (h *extractor) identPlaceholder(f argument) code.Ident {
	h.arguments = append(h.arguments, f)
	return placeholderIdent(len(h.arguments) - 1)
}

// typePlaceholder returns a placeholder as a type. Only the name of the type counts.
func (h *extractor) typePlaceholder(f argument) code.Type {
	t, err := code.ParseType("p."+h.placeholder(f), map[string]string{"p": "placeholder"})
	if err != nil {
		panic(err) // a placeholder is an identifier
	}
	return t
}

// call returns the call with a placeholder for its symbol, nil if there is none.
func (h *extractor) call(c *Call) *Call {
	if c == nil {
		return nil
	}
	f := *c
	f.Symbol = h.ident(c.Symbol)
	return &f
}
