package generated

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// path returns the path of what the decoder stands at.
func (d *Decoder) path() string {
	path := d.base
	for i := range d.frames {
		switch f := &d.frames[i]; {
		case f.kind == inList:
			path = tree.IndexPath(path, f.index)
		case f.kind == inMap && f.secret:
			path += "." + tree.Hidden // a name may be a secret, too
		case f.inside:
			path = tree.JoinPath(path, f.key)
		}
	}
	return path
}

// label returns the name of the value, for a snippet.
func (d *Decoder) label() string {
	for i := len(d.frames) - 1; i >= 0; i-- {
		switch f := &d.frames[i]; {
		case f.kind == inList:
			name := ""
			if i > 0 {
				name = d.frames[i-1].key
			}
			return name + "[" + strconv.Itoa(f.index) + "]"
		case f.kind == inMap && f.secret:
			return tree.Hidden
		case f.inside:
			return f.key
		}
	}
	_, last := cutLast(d.base)
	return last
}

// cutLast cuts the last name off a path.
func cutLast(path string) (rest, last string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}

// fail reports an error about the value.
func (d *Decoder) fail(message string) { d.failWith(message, nil) }

// failWith is fail with a cause.
func (d *Decoder) failWith(message string, cause error) {
	if d.full() {
		return
	}
	e := refuse(d.value, d.path(), message)
	e.Err = cause
	if label := d.label(); label != "" && d.value.File != nil && d.value.Kind != tree.Table {
		e.Snippet = tree.Snippet(label, d.value, !d.secret())
	}
	d.add(e)
}

// failAt reports an error about a name of a table.
func (d *Decoder) failAt(e *tree.Entry, message string) {
	d.add(refuseName(e, d.path(), message))
}

// warn adds a warning about a name of a table.
func (d *Decoder) warn(from *tree.Origin, line, col int32, message string) {
	if len(d.warnings) < tree.MaxErrors {
		d.warnings = append(d.warnings, refuseIn(from, line, col, d.path(), message))
	}
}

func deprecated(o *Option) string { return "the option is deprecated: " + o.Deprecated }

func (d *Decoder) add(e *config.Error) {
	if !d.full() {
		d.errs = append(d.errs, e)
	}
}

// full reports whether there are so many errors that another one is only counted, and counts
// it.
func (d *Decoder) full() bool {
	if len(d.errs) < tree.MaxErrors {
		return false
	}
	d.dropped++
	return true
}

// failures returns how many errors there have been.
func (d *Decoder) failures() int { return len(d.errs) + d.dropped }

// Validate calls the Validate method of the struct that End has closed, or of one that it
// embeds, unless there are errors in it.
func Validate(d *Decoder, v interface{ Validate() error }) {
	if d.check || d.failed != d.failures() {
		return
	}
	if err := d.call(v.Validate); err != nil {
		d.refuse("", err)
	}
}

// call calls a method of a user's type. A panic is its error.
func (d *Decoder) call(method func() error) (err error) {
	returned := false
	defer func() {
		if !returned {
			err = panicked(recover())
		}
	}()
	err = method()
	returned = true
	return err
}

// panicked returns the error of a panic.
func panicked(value any) error {
	if err, ok := value.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", value)
}

// textOf returns what an error says, even if its method panics.
func textOf(err error) (said string) {
	returned := false
	defer func() {
		if !returned {
			_ = recover()
			said = "an error whose Error method panics"
		}
	}()
	said = err.Error()
	returned = true
	return said
}
