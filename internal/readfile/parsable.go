package readfile

import (
	"go/scanner"
	"go/token"
)

// MaxErrors is how many syntax errors of a file are worth reporting, as to the compiler.
const MaxErrors = 10

// maxUnscanned is the size of files of which it does not matter how many errors are in them.
const maxUnscanned = 256 << 10

// Parsable returns Go source up to where there are more errors in it than are worth reporting.
// The parser stops after ten errors of its own, but collects all that its scanner finds: in a
// file that is not Go, one for each byte.
func Parsable(src []byte) []byte {
	if len(src) <= maxUnscanned {
		return src
	}
	found, end := 0, len(src)
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, func(pos token.Position, _ string) {
		if found++; found > MaxErrors {
			end = min(end, pos.Offset+1)
		}
	}, 0)
	for end == len(src) {
		if _, tok, _ := s.Scan(); tok == token.EOF {
			break
		}
	}
	return src[:end]
}
