package driver

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/invoke"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/report"
)

// goCommandError returns the message of the go command, without the text that package
// packages puts around it.
func goCommandError(err error) error {
	if _, text, ok := strings.Cut(err.Error(), ": stderr: "); ok {
		return errors.New(strings.TrimSpace(text))
	}
	return err
}

// noPackages returns why the patterns match no package. The go command may not have
// printed a reason.
func (c Config) noPackages(patterns []string) error {
	list := c.list(append([]string{"--"}, patterns...)...)
	var stderr strings.Builder
	list.Stderr = &stderr
	if err := list.Run(); err != nil && stderr.Len() > 0 {
		return errors.New(strings.TrimSpace(stderr.String()))
	}
	return fmt.Errorf("%s matched no packages", strings.Join(patterns, " "))
}

// errors reports what kept a package from being loaded. That a generated file does not
// compile is only reported if there is no finding that may be the reason.
func (p *program) errors(pkg *packages.Package) {
	incomplete := p.incomplete(pkg)
	p.unreadable(pkg)
	for _, e := range pkg.Errors {
		file := p.placeOf(e.Pos).Filename
		switch {
		case p.conflicted[file]:
			// There is a finding for it, which says what to do.
		case e.Kind == packages.ListError && len(pkg.TypeErrors) > 0 && strings.HasPrefix(e.Msg, "# "):
			// The compiler has reported the same.
		case e.Kind == packages.TypeError && incomplete:
			// The type errors follow from what is missing.
		case e.Kind == packages.TypeError && len(p.report.Findings)+len(p.conflicted) > 0 && generatedByUs(file):
		default:
			p.fail(e)
		}
	}
}

// A failure is what kept a package from being checked.
type failure struct {
	at      token.Position // may lack the column, the line, or all
	kind    packages.ErrorKind
	message string
}

func (p *program) fail(e packages.Error) {
	p.failures = append(p.failures, failure{p.placeOf(e.Pos), e.Kind, e.Msg})
}

// placeOf parses a position as package packages prints it: file:line:column, or less, with a
// file that the go command may have named relative to its directory.
func (p *program) placeOf(pos string) (at token.Position) {
	file, place, ok := strings.Cut(pos, ".go:")
	if !ok {
		return at
	}
	at.Filename = file + ".go"
	if dir, err := filepath.Abs(p.generated.dir); err == nil && !filepath.IsAbs(at.Filename) {
		at.Filename = filepath.Join(dir, at.Filename)
	}
	line, column, _ := strings.Cut(place, ":")
	at.Line, _ = strconv.Atoi(line)
	at.Column, _ = strconv.Atoi(column)
	return at
}

// limit returns the failures that are printed, sorted by position, without duplicates: a package
// is loaded with its tests and without, and a file of zero bytes has an error in each.
func limit(all []failure) []failure {
	slices.SortStableFunc(all, func(a, b failure) int {
		return cmp.Or(cmp.Compare(a.at.Filename, b.at.Filename), cmp.Compare(a.at.Line, b.at.Line),
			cmp.Compare(a.at.Column, b.at.Column), cmp.Compare(a.message, b.message))
	})
	return report.Limit(slices.Compact(all), failure.group, func(first failure, message string) failure {
		return failure{first.at, first.kind, message}
	})
}

// group returns the file and the kind of the failure, by which the number of printed failures
// is limited. A failure without a position is a group of its own.
func (f failure) group() (file, kind string) {
	switch {
	case !f.at.IsValid():
		return f.message, ""
	case f.kind == packages.ParseError:
		return f.at.Filename, "syntax"
	}
	return f.at.Filename, "types"
}

func (f failure) String() string {
	if !f.at.IsValid() {
		return f.message
	}
	at := f.at
	at.Filename = Relative(at.Filename)
	return at.String() + ": " + f.message
}

// incomplete reports whether part of the package, or something that it imports, can't be read.
func (p *program) incomplete(pkg *packages.Package) bool {
	unread := func(e packages.Error) bool {
		return e.Kind != packages.TypeError && !strings.HasPrefix(e.Msg, "# ")
	}
	for _, imp := range pkg.Imports {
		if len(imp.GoFiles) == 0 && slices.ContainsFunc(imp.Errors, unread) {
			return true
		}
	}
	return slices.ContainsFunc(pkg.Errors, unread)
}

// unreadable reports generated files with syntax errors, as a merge leaves them, and those
// that import a package which no longer exists in a module that is checked. Each file is
// reported once, since generating it again removes all its errors. A missing package is not
// reported if there are findings, which say what to do.
func (p *program) unreadable(pkg *packages.Package) {
	for _, e := range pkg.Errors {
		file := p.placeOf(e.Pos).Filename
		gone := e.Kind == packages.ListError && p.ofModule(e.Msg)
		if e.Kind != packages.ParseError && !gone || p.conflicted[file] || !generatedByUs(file) {
			continue
		}
		p.conflicted[file] = true
		if gone && len(p.report.Findings) > 0 {
			continue
		}
		what := fmt.Sprintf("can't be read (%s)", firstLine(e.Msg))
		if gone {
			what = fmt.Sprintf("imports a package that is not there (%s)", firstLine(e.Msg))
		} else if src, err := readfile.Source(file); err == nil && genfile.Blank(src) {
			what = "is empty"
		}
		e.Msg = fmt.Sprintf("this generated file %s: run %s ./...", what, invoke.Plugingen(filepath.Dir(file)))
		p.fail(e)
	}
}

// ofModule reports whether a message of the go command is about a package of a module that is
// checked.
func (p *program) ofModule(message string) bool {
	for pkg := range p.roots {
		if m := pkg.Module; m != nil && m.Main && strings.Contains(message, " "+m.Path+"/") {
			return true
		}
	}
	return false
}

// generatedByUs reports whether a file is one of plugingen's, or one that was emptied for it to
// write anew.
func generatedByUs(file string) bool {
	if !genfile.IsName(filepath.Base(file)) {
		return false
	}
	src, err := readfile.Source(file)
	return err == nil && (genfile.HasHeader(src) || genfile.Blank(src))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
