package driver

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/write"
)

// A Fixed is a file that fixes change.
type Fixed struct {
	Name     string
	Old, New []byte
}

// Fix returns the files that the report's fixes change, and a line for each fix that says what it
// does. It applies the first fix of each finding, unless it conflicts with one that was
// applied before. Generated files are left as they are.
func (r *Report) Fix() (files []Fixed, applied []string, err error) {
	made := map[string][]edit{}
	for _, f := range r.Findings {
		if len(f.SuggestedFixes) > 0 && r.make(f.SuggestedFixes[0], made) {
			applied = append(applied, r.at(f.Pos)+": fixed: "+f.SuggestedFixes[0].Message)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		old, err := readfile.Source(name)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, Fixed{name, old, apply(old, made[name])})
	}
	return files, applied, nil
}

// An edit replaces a part of a file, from one offset to another.
type edit struct {
	start, end int
	text       string
}

// make adds all edits of a fix to made, the edits by file, and returns true; or none, and
// returns false.
func (r *Report) make(fix analysis.SuggestedFix, made map[string][]edit) bool {
	edits := map[string][]edit{}
	for _, e := range fix.TextEdits {
		start, end := r.Fset.PositionFor(e.Pos, false), r.Fset.PositionFor(cmp.Or(e.End, e.Pos), false)
		own := edit{start.Offset, end.Offset, string(e.NewText)}
		if generated(start.Filename) || slices.ContainsFunc(made[start.Filename], own.conflicts) {
			return false
		}
		edits[start.Filename] = append(edits[start.Filename], own)
	}
	for name, list := range edits {
		for _, e := range list {
			if !slices.Contains(made[name], e) {
				made[name] = append(made[name], e)
			}
		}
	}
	return true
}

// generated reports whether a program wrote a file, and would overwrite a fix.
func generated(name string) bool {
	src, err := readfile.Source(name)
	if err != nil {
		return false
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && ast.IsGenerated(f)
}

// conflicts reports whether two different edits change the same text.
func (e edit) conflicts(f edit) bool {
	return e != f && (e.start < f.end && f.start < e.end || e.start == f.start)
}

// apply returns the source with the edits. It formats the result if the source was formatted,
// and keeps the line endings.
func apply(src []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var b bytes.Buffer
	last := 0
	for _, e := range edits {
		b.Write(src[last:e.start])
		b.WriteString(e.textFor(src))
		last = e.end
	}
	b.Write(src[last:])
	if formatted(src) {
		if out, err := format.Source(b.Bytes()); err == nil {
			return out
		}
	}
	return b.Bytes()
}

func (e edit) textFor(src []byte) string {
	if bytes.Contains(src, []byte("\r\n")) {
		return strings.ReplaceAll(e.text, "\n", "\r\n")
	}
	return e.text
}

func formatted(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(src, out)
}

// Write writes the files. It writes none if one of them is read-only.
func Write(files []Fixed) error {
	var errs []error
	for _, f := range files {
		info, err := os.Stat(f.Name)
		if err == nil && info.Mode().Perm()&0o200 == 0 {
			err = fmt.Errorf("%s: it is read-only, so that it can't be fixed", Relative(f.Name))
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, f := range files {
		name, err := filepath.EvalSymlinks(f.Name)
		if err == nil {
			err = write.Replace(name, f.New)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
