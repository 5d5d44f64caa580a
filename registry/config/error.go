package config

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// A Position is where a value was given.
type Position struct {
	// Source is the name of a file, "environment variable NAME", "-set", "default", or
	// the name of a [FromMap].
	Source string

	// Line and Column are counted from 1, columns in bytes. They are 0 if the source is not
	// a file.
	Line, Column int
}

// String returns file:line:col, or the source alone.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.Source
	case p.Column == 0:
		return p.Source + ":" + strconv.Itoa(p.Line)
	}
	return p.Source + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

func positionOf(n *tree.Node) Position { return positionIn(n.File, n.Line, n.Col) }

// positionIn returns a position in an origin, which may be nil.
func positionIn(o *tree.Origin, line, col int32) Position {
	if o == nil {
		return Position{}
	}
	return Position{o.Name, int(line), int(col)}
}

// An Error is one error in a configuration. Its text begins with the position, and has no
// values of secret or unknown options.
type Error struct {
	Path     string   // of the value, "services.objects.quota"; empty if the error is about no value in particular
	Position Position // where the value, its name, or the table it misses in is
	Message  string   // what is wrong, and what to write instead

	// Snippet is the name and the value as the file has them, or *** for a value
	// that is not shown. It is empty if there is nothing to show.
	Snippet string

	// Err is the cause, such as the error of a Validate method, for [errors.Is]; nil
	// if there is none, or if its text would show a secret.
	Err error

	place int // of the origin
}

// Error returns "file:line:col: path: message", and the snippet below it.
func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.Position.String(), tree.ShortenTo(e.Path, tree.MaxPath)} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(e.Message)
	if e.Snippet == "" {
		return b.String()
	}
	number := ""
	if e.Position.Line > 0 {
		number = strconv.Itoa(e.Position.Line) + " "
	}
	for line := range strings.SplitSeq(e.Snippet, "\n") {
		b.WriteString("\n\t" + number + "| " + line)
		number = strings.Repeat(" ", len(number))
	}
	return b.String()
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.Err }

// Errors are all the errors of a configuration: those of one file in its order, files
// in the order in which they were loaded, then the environment and what was set. It
// has at least one.
type Errors []*Error

// Error returns the texts of the errors, each on lines of its own.
func (es Errors) Error() string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the errors, for [errors.Is] and [errors.As].
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// Join returns the errors in errs, sorted and without repetitions, as [Errors], or nil if all
// are nil. An error that is neither an *Error nor Errors becomes the cause of an Error
// without a position.
func Join(errs ...error) error {
	var all Errors
	for _, err := range errs {
		var one *Error
		var several Errors
		switch {
		case err == nil:
		case errors.As(err, &several):
			all = append(all, several...)
		case errors.As(err, &one):
			all = append(all, one)
		default:
			all = append(all, &Error{Message: err.Error(), Err: err})
		}
	}
	return all.sorted()
}

// sorted returns the errors sorted, without those that have the same text and place as
// another; or nil if there are none.
func (es Errors) sorted() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(
			a.place-b.place,
			strings.Compare(a.Position.Source, b.Position.Source),
			a.Position.Line-b.Position.Line,
			a.Position.Column-b.Position.Column,
			strings.Compare(a.Path, b.Path),
		)
	})
	return slices.CompactFunc(es, func(a, b *Error) bool {
		return a.Position == b.Position && a.Path == b.Path && a.Message == b.Message
	})
}

// fail returns an error about a value, which may be none.
func fail(n *tree.Node, path, message string) *Error {
	if n == nil {
		return &Error{Path: path, Message: message}
	}
	return failIn(n.File, n.Line, n.Col, path, message)
}

// failIn returns an error about something at a place of an origin, which may be nil.
func failIn(o *tree.Origin, line, col int32, path, message string) *Error {
	e := &Error{Path: path, Position: positionIn(o, line, col), Message: message}
	if o != nil {
		e.place = o.Place
	}
	return e
}
