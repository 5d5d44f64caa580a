package genfile

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plugingen/plugingen/internal/options"
)

// Suffix ends every generated file's name. The go command takes no constraint
// from a name that ends so.
const Suffix = "_gen.go"

// IsName reports whether a file of that name may be one that plugingen wrote.
func IsName(name string) bool {
	return strings.HasPrefix(name, "plugins") && strings.HasSuffix(name, Suffix)
}

// Name returns the name of the file for the build constraint, "" for none:
// plugins_gen.go, plugins_linux_gen.go, plugins_linux_and_cgo_gen.go. Different
// constraints have different names.
func Name(buildConstraint string) string {
	if s := Slug(buildConstraint); s != "" {
		return "plugins_" + s + Suffix
	}
	return "plugins" + Suffix
}

// Slug returns the build constraint as part of a name, of letters, digits and
// underscores. Different constraints have different slugs: one whose words do not
// tell it from all others ends in its checksum.
func Slug(buildConstraint string) string {
	if buildConstraint == "" {
		return ""
	}
	plain := true
	var words []string
	for _, w := range strings.Fields(spread(buildConstraint)) {
		switch w {
		case "&&":
			words = append(words, "and")
		case "||":
			words = append(words, "or")
		case "!":
			words = append(words, "not")
		case "(", ")":
			plain = false
		default:
			s := strings.Map(slugRune, w)
			plain = plain && s == w && !strings.Contains(w, "_") && w != "and" && w != "or" && w != "not"
			words = append(words, s)
		}
	}
	slug := strings.Join(words, "_")
	if !plain || len(slug) > 60 {
		slug = slug[:min(len(slug), 60)] + "_" + checksum([]byte(buildConstraint))[:8]
	}
	return slug
}

// spread puts spaces around the operators of a constraint.
func spread(s string) string { return operators.Replace(s) }

var operators = strings.NewReplacer("!", " ! ", "(", " ( ", ")", " ) ")

func slugRune(r rune) rune {
	if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
		return r
	}
	if 'A' <= r && r <= 'Z' {
		return unicode.ToLower(r)
	}
	return '_'
}

// SpecPrefix begins the identifier of every generated spec.
const SpecPrefix = "Plugin_"

// Identifier returns the identifier of the spec of a plugin. It can be read back, so
// no two plugins have the same:
//
//	my.plugins.cli:my                       Plugin_my_plugins_cli__my
//	localstack.services:s3-default          Plugin_localstack_services__s3_Hdefault
//
// Two underscores separate namespace and name. An underscore before a lower-case
// letter or a digit stands for a dot in a namespace and for itself in a name. Before
// an upper-case letter it begins an escape: _D dot, _U underscore, _H hyphen, _C
// colon, and _X with a number in hexadecimal and a Z for any other
// character that no identifier can have.
func Identifier(namespace, name string) string {
	b := make([]byte, 0, len(SpecPrefix)+len(namespace)+len("__")+len(name)+20)
	b = append(b, SpecPrefix...)
	b = appendEscaped(b, namespace, '.')
	b = append(b, "__"...)
	return string(appendEscaped(b, name, '_'))
}

// escape returns the letter that stands for a character in an escape, or 0 if none does.
func escape(r rune) byte {
	switch r {
	case '.':
		return 'D'
	case '_':
		return 'U'
	case '-':
		return 'H'
	case ':':
		return 'C'
	}
	return 0
}

// appendEscaped appends s, encoded. plain is the character that an underscore stands for.
func appendEscaped(b []byte, s string, plain rune) []byte {
	for i, r := range s {
		if 'a' <= r && r <= 'z' {
			b = append(b, byte(r))
			continue
		}
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		switch code := escape(r); {
		case r == plain && (next >= 'a' && next <= 'z' || next >= '0' && next <= '9'):
			b = append(b, '_')
		case code != 0:
			b = append(b, '_', code)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b = utf8.AppendRune(b, r)
		default:
			b = fmt.Appendf(b, "_X%xZ", r)
		}
	}
	return b
}

// Plugin returns the namespace and the name that an identifier was made from.
func Plugin(identifier string) (namespace, name string, ok bool) {
	rest, ok := strings.CutPrefix(identifier, SpecPrefix)
	i := strings.Index(rest, "__")
	if !ok || i < 0 {
		return "", "", false
	}
	namespace, ok1 := unescape(rest[:i], '.')
	name, ok2 := unescape(rest[i+2:], '_')
	return namespace, name, ok1 && ok2 && Identifier(namespace, name) == identifier
}

func unescape(s string, plain rune) (string, bool) {
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		if r != '_' {
			b.WriteRune(r)
			continue
		}
		code, n := utf8.DecodeRuneInString(s)
		switch {
		case code == 'X':
			digits, rest, ok := strings.Cut(s[n:], "Z")
			v, err := strconv.ParseInt(digits, 16, 32)
			if !ok || err != nil {
				return "", false
			}
			b.WriteRune(rune(v))
			s = rest
		case 'A' <= code && code <= 'Z':
			c, ok := escaped(code)
			if !ok {
				return "", false
			}
			b.WriteRune(c)
			s = s[n:]
		default:
			b.WriteRune(plain)
		}
	}
	return b.String(), true
}

func escaped(code rune) (rune, bool) {
	for _, r := range "._-:" {
		if rune(escape(r)) == code {
			return r, true
		}
	}
	return 0, false
}

// Prefixes of the identifiers by which generated files describe a struct with options. If it has
// //plugin:options, its name follows; otherwise what [StructSuffix] returns.
const (
	SharedOptions    = "Options_"   // the description
	SharedFill       = "Fill_"      // the function that fills the struct
	OwnOptions       = "options_"   // the description of a struct that is not shared
	OwnFill          = "fill_"      // the function that fills it
	RecursiveOptions = "recursive_" // the type by which a description refers to one that has it
)

// StructSuffix returns the end of the identifiers that describe a struct in the files of a
// package. No two structs have the same. It is the name of the struct with its type arguments,
// escaped as in [Identifier]; for a struct of another package, the import path and two
// underscores come before it.
func StructSuffix(pkg string, s *options.Struct) string {
	typ := s.Name
	if len(s.TypeArgs) > 0 {
		var args []string
		for _, arg := range s.TypeArgs {
			args = append(args, arg.Identity())
		}
		typ += "[" + strings.Join(args, ",") + "]"
	}
	var b []byte
	if s.Path != pkg {
		for i, element := range strings.Split(s.Path, "/") {
			if i > 0 {
				b = append(b, "_S"...)
			}
			b = appendEscaped(b, element, '.')
		}
		b = append(b, "__"...)
	}
	b = appendEscaped(b, typ, '_')
	if len(b) > maxSuffix {
		sum := checksum(b)
		b = append(bytes.ToValidUTF8(b[:maxSuffix], nil), "_Y"+sum...)
	}
	return string(b)
}

// maxSuffix is the greatest length of such an end in bytes. The rest of a longer one is replaced
// by its checksum.
const maxSuffix = 200
