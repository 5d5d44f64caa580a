// Package document reads the Markdown of README.md and docs, and does what it
// tells readers to do: it writes the files that the text shows, runs the
// commands, and compares what they print.
//
// A fenced block begins with its language and, in braces, what it is:
//
//	go {file="main.go"}     the contents of a file
//	diff {file="main.go"}   a change of a file
//	go {in="main.go"}       an excerpt of a file as it is at this place, or at some
//	                        later place if it is not there yet
//	go {from="a/b.go"}      an excerpt of a file of this repository
//	sh                      commands, each of which must succeed
//	sh {fails=true}         commands, the last of which must fail
//	text                    right after commands: what they print
//	text {plain=true}       text that is neither written nor printed
//	nix {unchecked=true}    a language that no test here can run
package document

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Document is a file in Markdown.
type Document struct {
	Path   string // as errors name it
	Blocks []*Block
	Spans  []Span
}

// A Block is a fenced code block.
type Block struct {
	Line     int    // of the opening fence, from 1
	Language string // "" if the fence names none
	Attrs    map[string]string
	Text     string // ends with a newline, unless it is empty
	Before   string // the paragraph before the block, "" if something else stands there
	After    *Block // the block before, if nothing but a paragraph stands between
}

// Has reports whether the block has the attribute, with a value or without.
func (b *Block) Has(attr string) bool {
	_, ok := b.Attrs[attr]
	return ok
}

// A Span is code in backquotes within a line of text.
type Span struct {
	Line int
	Text string
}

// An Error is what is wrong with a document, and where.
type Error struct {
	Path string
	Line int
	Msg  string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Msg) }

// Parse reads a document. The error joins an *Error for each block that breaks the rules.
func Parse(path, text string) (*Document, error) {
	p := &parser{doc: &Document{Path: path}}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for p.line = 0; p.line < len(lines); p.line++ {
		p.read(lines)
	}
	for _, block := range p.doc.Blocks {
		if msg := block.check(); msg != "" {
			p.fail(block.Line, "%s", msg)
		}
	}
	return p.doc, errors.Join(p.errs...)
}

type parser struct {
	doc  *Document
	errs []error
	line int // index of the line that is read

	paragraph []string // the lines of the paragraph that was read last
	between   int      // how many paragraphs, headings or the like have begun since the last block
	list      bool     // the last unindented line was an item of a list
	comment   bool     // in <!-- ... -->
}

func (p *parser) fail(line int, format string, args ...any) {
	p.errs = append(p.errs, &Error{Path: p.doc.Path, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// read reads the line, and all of a block if it opens one.
func (p *parser) read(lines []string) {
	line := lines[p.line]
	text := strings.TrimSpace(line)
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	follows := p.line > 0 && strings.TrimSpace(lines[p.line-1]) != "" // the line before is text
	switch {
	case p.comment || strings.HasPrefix(text, "<!--"):
		p.comment = !strings.Contains(text, "-->")
	case strings.HasPrefix(text, "```"), strings.HasPrefix(text, "~~~"):
		p.block(lines, indent)
	case text == "":
	case !follows && !p.list && (len(indent) >= 4 || strings.Contains(indent, "\t")):
		p.fail(p.line+1, "code by indentation: write a fence, and its language")
		p.between += 2
	default:
		if !follows {
			p.paragraph = nil
			p.between++
		}
		if strings.HasPrefix(text, "#") || strings.HasPrefix(text, "|") {
			p.between += 2 // a heading or a table is no paragraph
		}
		if indent == "" {
			p.list = isItem(text)
		}
		p.paragraph = append(p.paragraph, text)
		p.spans(text)
	}
}

// isItem reports whether a line begins an item of a list.
func isItem(text string) bool {
	number := strings.TrimLeft(text, "0123456789")
	return strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "* ") ||
		len(number) < len(text) && (strings.HasPrefix(number, ". ") || strings.HasPrefix(number, ") "))
}

// block reads the block that the line opens, up to its closing fence.
func (p *parser) block(lines []string, indent string) {
	opening := strings.TrimSpace(lines[p.line])
	fence := opening[:len(opening)-len(strings.TrimLeft(opening, opening[:1]))]
	language, attrs, err := parseInfo(strings.TrimSpace(opening[len(fence):]))
	if err != nil {
		p.fail(p.line+1, "%s", err)
	}
	block := &Block{Line: p.line + 1, Language: language, Attrs: attrs, Before: strings.Join(p.paragraph, " ")}
	if n := len(p.doc.Blocks); n > 0 && p.between <= 1 {
		block.After = p.doc.Blocks[n-1]
	}
	var text strings.Builder
	for p.line++; p.line < len(lines) && strings.TrimSpace(lines[p.line]) != fence; p.line++ {
		text.WriteString(strings.TrimPrefix(lines[p.line], indent) + "\n")
	}
	if p.line == len(lines) {
		p.fail(block.Line, "the block has no end")
	}
	block.Text = text.String()
	p.doc.Blocks = append(p.doc.Blocks, block)
	p.paragraph, p.between = nil, 0
}

// parseInfo reads what follows a fence: language {key="value"}, as Hugo reads it.
func parseInfo(info string) (language string, attrs map[string]string, err error) {
	language, rest, braces := strings.Cut(info, "{")
	language = strings.TrimSpace(language)
	if strings.ContainsAny(language, " \t") {
		return language, nil, fmt.Errorf("write %q in braces after the language", language)
	}
	if !braces {
		return language, nil, nil
	}
	rest, ok := strings.CutSuffix(rest, "}")
	if !ok {
		return language, nil, errors.New("a brace is missing at the end of the line")
	}
	attrs = map[string]string{}
	for _, word := range strings.Fields(rest) {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return language, nil, fmt.Errorf("write {%s=true}", word)
		}
		if !slices.Contains([]string{"file", "in", "from", "fails", "plain", "unchecked"}, key) {
			return language, nil, fmt.Errorf("unknown attribute %q", key)
		}
		attrs[key] = strings.Trim(value, `"`)
	}
	return language, attrs, nil
}

// spans collects the code spans of a line.
func (p *parser) spans(text string) {
	parts := strings.Split(text, "`")
	for i := 1; i < len(parts)-1; i += 2 {
		p.doc.Spans = append(p.doc.Spans, Span{Line: p.line + 1, Text: parts[i]})
	}
}

// runnable are the languages of which no block goes unchecked.
var runnable = []string{"go", "sh", "yaml", "toml", "diff", "text"}

// check returns what is wrong with a block by itself, "" if nothing is.
func (b *Block) check() string {
	file := b.Attrs["file"]
	switch {
	case b.Language == "":
		return "the fence names no language; text is one"
	case len(b.Attrs) > 1:
		return "the block has more than one attribute"
	case b.Has("fails") && b.Language != "sh":
		return "only commands (sh) can have {fails=true}"
	case b.Has("plain") && b.Language != "text":
		return "only text can have {plain=true}"
	case b.Has("unchecked") && slices.Contains(runnable, b.Language):
		return fmt.Sprintf("%s can be checked: write {file=...}, {in=...} or {from=...}", b.Language)
	case b.Has("unchecked") && !strings.Contains(b.Before, "test"):
		return "the paragraph before the block must say that our tests do not run it"
	case b.Has("file") && !strings.Contains(b.Before, "`"+file+"`"):
		return fmt.Sprintf("the paragraph before the block must name `%s`", file)
	case b.Language == "bash" || b.Language == "shell" || b.Language == "console":
		return "the language of commands is sh, without prompts"
	case b.Language == "go" && len(b.Attrs) == 0:
		return "a Go block is a file, {file=...}, or an excerpt, {in=...} or {from=...}"
	case b.Language != "sh" && len(b.Attrs) == 0 && !b.isOutput():
		return "this is no output, since the block before is no commands: " +
			"write {file=...}, {in=...}, {from=...} or, for text, {plain=true}"
	}
	return ""
}

// isOutput reports whether the block is what the commands before it print.
func (b *Block) isOutput() bool {
	return len(b.Attrs) == 0 && b.Language != "sh" && b.After != nil && b.After.Language == "sh" && !b.After.Has("from")
}
