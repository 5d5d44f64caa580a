package render

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/internal/code"
)

// Every run renders every file, to compare it with the one that is there. Jennifer builds
// each statement from tokens and gofmt parses them again, which takes 100 to 400 µs for a plugin,
// while most plugins differ from others in names and texts only. So a declaration is
// rendered once as a template, with holes in the place of names and texts, and then filled.

// A template is a declaration with holes in it.
type template struct {
	pieces  []piece
	imports []string // paths of what the declaration refers to, whatever is in the holes
}

// A piece is text, and the hole behind it.
type piece struct {
	text string
	hole int // -1 for none
	in   context
}

// A context is where a hole is.
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

// delimiter begins and ends a hole in source. It is a letter, so that a hole is an identifier.
const delimiter = "\u01c2"

func hole(n int) string {
	if n < len(holes) {
		return holes[n].String()
	}
	return delimiter + strconv.Itoa(n) + delimiter
}

// holeIdent returns a hole as the identifier that it is.
func holeIdent(n int) code.Ident {
	if n < len(holes) {
		return holes[n]
	}
	id, err := code.ParseIdent(hole(n))
	if err != nil {
		panic(err)
	}
	return id
}

// holes are those that most templates can do with.
var holes = func() (all [50]code.Ident) {
	for n := range all {
		all[n], _ = code.ParseIdent(delimiter + strconv.Itoa(n) + delimiter)
	}
	return all
}()

// newTemplate finds the holes in source.
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
		p.hole, _ = strconv.Atoi(number)
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

// A filling is what goes into a hole.
type filling struct {
	text    string
	path    string   // of an import that the text mentions, "" for none
	imports []string // more of those
}

// fill writes the template with the fillings, and notes which imports those have that it uses.
func (t *template) fill(b *bytes.Buffer, fillings []filling, used map[string]bool) {
	for _, p := range t.pieces {
		b.WriteString(p.text)
		if p.hole < 0 {
			continue
		}
		with := fillings[p.hole]
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
	if len(k) < maxText {
		templates.Lock()
		templates.all[string(k)] = t
		templates.Unlock()
	}
	return t, nil
}

// maxText is how long a text may be that goes into a hole. gofmt lays out one of very many bytes
// in another way, so that it is rendered with the rest.
const maxText = 100_000

// A hollower puts holes in the place of names and texts, and collects what goes into them.
type hollower struct {
	fillings []filling
}

func (h *hollower) hole(f filling) string {
	h.fillings = append(h.fillings, f)
	return hole(len(h.fillings) - 1)
}

// text hollows a text that becomes a string literal.
func (h *hollower) text(s *string) {
	switch {
	case *s == "":
	case len(*s) < maxText:
		*s = h.hole(filling{text: *s})
	default:
		*s = strings.ReplaceAll(*s, delimiter, h.hole(filling{text: delimiter}))
	}
}

// texts returns the list with each text hollowed.
func (h *hollower) texts(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	for i := range list {
		h.text(&list[i])
	}
	return list
}

// word hollows a text that a comment mentions, too. What can't be printed is replaced there: a line
// end would end the comment.
func (h *hollower) word(s *string) { *s = h.hole(filling{text: *s}) }

// ident returns an identifier hollowed; none if it is none.
func (h *hollower) ident(i code.Ident) code.Ident {
	if i.String() == "" {
		return i
	}
	return h.identHole(filling{text: i.String()})
}

func (h *hollower) identHole(f filling) code.Ident {
	h.fillings = append(h.fillings, f)
	return holeIdent(len(h.fillings) - 1)
}

// typeHole returns a hole as a type. Only the name of the type counts.
func (h *hollower) typeHole(f filling) code.Type {
	t, err := code.ParseType("p."+h.hole(f), map[string]string{"p": "hole"})
	if err != nil {
		panic(err) // a hole is an identifier
	}
	return t
}

// call returns the call with its symbol hollowed, nil if there is none.
func (h *hollower) call(c *Call) *Call {
	if c == nil {
		return nil
	}
	f := *c
	f.Symbol = h.ident(c.Symbol)
	return &f
}
