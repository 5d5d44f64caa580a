package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// A Source is an argument of [Load]: values of a file, of the environment, of the command line
// or of the program; or a function that resolves references.
type Source interface {
	// load adds the source to the loader.
	load(l *loader)
}

// A Format is a format of files that another package reads, such as configtoml and
// configyaml.
type Format struct {
	Name   string // for error messages: "TOML"
	Assign string // what stands between a name and its value: " = ", or ": "

	// Parse makes a value of a file's bytes, which are valid UTF-8 without a byte order
	// mark. It must not keep data.
	Parse func(data []byte, b *Builder)
}

// File returns the source of a file's values. [Load] returns an error if the file is not a
// regular one of at most 16 MiB.
func (f *Format) File(path string) Source { return &file{format: f, path: path} }

// Data returns the source of values that the program has as text in the format. The
// name is that of the file in errors.
func (f *Format) Data(name string, data []byte) Source {
	return &file{format: f, path: name, data: append([]byte{}, data...)}
}

// JSON returns the source of values that the program has as JSON. The name is that of
// the file in errors.
func JSON(name string, data []byte) Source { return jsonFormat.Data(name, data) }

// JSONFile returns the source of the values of a JSON file, which must be a regular one
// of at most 16 MiB.
func JSONFile(path string) Source { return jsonFormat.File(path) }

// Optional returns the source of a file that need not exist: if it does not, it has no
// values. Other errors are reported. Other sources are returned as they are.
func Optional(s Source) Source {
	if f, ok := s.(*file); ok {
		optional := *f
		optional.optional = true
		return &optional
	}
	return s
}

// A file is the source of the values of a file, or of data that are like one.
type file struct {
	format   *Format
	path     string
	data     []byte // nil: they are read
	optional bool
}

func (f *file) load(l *loader) {
	o := l.origin(f.path, tree.LayerFile)
	o.Assign = f.format.Assign
	data := f.data
	if data == nil {
		l.read = append(l.read, f.path)
		read, err := readRegular(f.path, maxFile)
		switch {
		case f.optional && errors.Is(err, fs.ErrNotExist):
			return
		case err != nil:
			e := failIn(o, 0, 0, "", err.Error())
			e.Err = err
			l.errs = append(l.errs, e)
			return
		}
		data, o.IsFile = read, true
	}
	b := newDocument(o)
	if text, ok := decoded(data, b); ok {
		f.format.Parse(text, b)
	}
	if !b.Failed() && b.Kind() != KindTable && b.Kind() != KindNull {
		b.Fail(1, 1, fmt.Sprintf("expected a table of names and values, got %v", b.Kind()))
	}
	if b.Failed() {
		l.errs = append(l.errs, b.doc.errs...)
		return
	}
	if n := b.finish(); n.Kind == tree.Table {
		l.add(n)
	}
}

// decoded returns the text of a file, without a byte order mark. It adds an error to
// b and returns false if the bytes are no UTF-8, or too many.
func decoded(data []byte, b *Builder) ([]byte, bool) {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			b.Fail(1, 1, "the file is UTF-16; save it as UTF-8")
			return nil, false
		}
	}
	if len(data) > maxFile {
		b.Fail(1, 1, errTooLarge(maxFile).Error())
		return nil, false
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if utf8.Valid(data) {
		return data, true
	}
	line, begin := 1, 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			b.Fail(line, i-begin+1, "invalid UTF-8")
			return nil, false
		}
		i += size
		if r == '\n' {
			line, begin = line+1, i
		}
	}
	return nil, false
}

func errTooLarge(most int) error {
	return fmt.Errorf("the file is larger than %d MiB", most>>20)
}

// readRegular returns the content of a regular file of at most so many bytes. It does not open
// other files, since that may wait forever or have an effect. Its errors are without the
// path, which the error that wraps them has.
func readRegular(path string, most int) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, pathless(err)
	}
	if err := checkRegular(info, most); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, pathless(err)
	}
	defer f.Close()
	if info, err = f.Stat(); err == nil { // which may be another by now
		err = checkRegular(info, most)
	}
	if err != nil {
		return nil, pathless(err)
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(data) > most {
		err = errTooLarge(most)
	}
	if err != nil {
		return nil, pathless(err)
	}
	return data, nil
}

func checkRegular(info fs.FileInfo, most int) error {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return errors.New("is a directory; expected a file")
	case mode&fs.ModeNamedPipe != 0:
		return errors.New("is a named pipe; expected a regular file")
	case mode&fs.ModeDevice != 0:
		return errors.New("is a device; expected a regular file")
	case mode&fs.ModeSocket != 0:
		return errors.New("is a socket; expected a regular file")
	case !mode.IsRegular():
		return errors.New("is no regular file")
	case info.Size() > int64(most):
		return errTooLarge(most)
	}
	return nil
}

// pathless returns an error of package os without the path.
func pathless(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Format writes the path or the name, whatever the verb, and not what the data are.
func (f *file) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.path) }

// Format writes the name, whatever the verb, and not the values.
func (s mapSource) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.name) }

// Format writes the prefix, whatever the verb, and not the variables.
func (s environmentSource) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "environment "+s.prefix)
}
