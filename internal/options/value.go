package options

import (
	"errors"
	"fmt"
	"go/constant"
	"go/token"
	"log/slog"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/registry/config"
)

// parse returns why a text is not a value of a scalar type, for messages that begin with it,
// or "". v is the value if it is a number, or nil.
func parse(t *Type, text string) (v constant.Value, why string) {
	switch t.Kind {
	case Bool:
		if text != "true" && text != "false" {
			return nil, "is not a boolean: write true or false"
		}
	case Int:
		return parseInt(text, t.Bits, t.As)
	case Uint:
		return parseUint(text, t.Bits, t.As)
	case Float:
		return parseFloat(text, t.Bits)
	case Duration:
		return parseDuration(text)
	case Plugin:
		if !rules.ValidName(text) {
			return nil, "is not the name of a plugin"
		}
	case Text, Binary:
		if check := texts[t.standard]; check != nil {
			if err := check(text); err != nil {
				return nil, fmt.Sprintf("is not a %s: %v", t.standard, err)
			}
		}
	}
	return nil, ""
}

// bits returns how many bits a number has, at least: an int has 64 on most platforms, and 32
// on the others.
func bits(n int) int {
	if n == 0 {
		return 64
	}
	return n
}

func parseInt(text string, n int, unknown bool) (constant.Value, string) {
	i, err := strconv.ParseInt(text, 10, bits(n))
	switch {
	case !canonical(text) || err != nil && !errors.Is(err, strconv.ErrRange):
		return nil, "is not an integer"
	case err != nil && unknown:
		return nil, "is too large"
	case err != nil:
		low, high := int64(math.MinInt64)>>(64-bits(n)), int64(math.MaxInt64)>>(64-bits(n))
		return nil, fmt.Sprintf("is not between %d and %d", low, high)
	}
	return constant.MakeInt64(i), ""
}

func parseUint(text string, n int, unknown bool) (constant.Value, string) {
	i, err := strconv.ParseUint(text, 10, bits(n))
	switch {
	case !canonical(text) || err != nil && !errors.Is(err, strconv.ErrRange):
		return nil, "is not an integer of 0 or more"
	case err != nil && unknown:
		return nil, "is too large"
	case err != nil:
		return nil, fmt.Sprintf("is not between 0 and %d", uint64(math.MaxUint64)>>(64-bits(n)))
	}
	return constant.MakeUint64(i), ""
}

// canonical reports whether a decimal has no plus sign and no leading zeros.
func canonical(text string) bool {
	if text != "" && text[0] == '-' {
		text = text[1:]
	}
	return text == "0" || text != "" && text[0] != '0' && text[0] != '+'
}

// decimals are numbers as configurations have them: no hexadecimal ones, no infinity.
var decimals = lazyregexp.New(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func parseFloat(text string, n int) (constant.Value, string) {
	f, err := strconv.ParseFloat(text, bits(n))
	if !decimals().MatchString(text) || err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, "is not a number"
	}
	return constant.MakeFloat64(f), ""
}

func parseDuration(text string) (constant.Value, string) {
	d, err := config.ParseDuration(text)
	if err != nil || text == "0" { // which no one reads as a duration
		return nil, "is not a duration: write numbers with units, the greatest first, as in 5s, 1h30m or 250ms"
	}
	return constant.MakeInt64(int64(d)), ""
}

// texts parse the texts of types of the standard library.
var texts = map[string]func(string) error{
	"net/netip.Addr":     func(s string) error { return new(netip.Addr).UnmarshalText([]byte(s)) },
	"net/netip.AddrPort": func(s string) error { return new(netip.AddrPort).UnmarshalText([]byte(s)) },
	"net/netip.Prefix":   func(s string) error { return new(netip.Prefix).UnmarshalText([]byte(s)) },
	"net.IP":             parseIP,
	"time.Time":          func(s string) error { return new(time.Time).UnmarshalText([]byte(s)) },
	"log/slog.Level":     func(s string) error { return new(slog.Level).UnmarshalText([]byte(s)) },
	"log/slog.LevelVar":  func(s string) error { return new(slog.LevelVar).UnmarshalText([]byte(s)) },
	"math/big.Int":       func(s string) error { return new(big.Int).UnmarshalText([]byte(s)) },
	"math/big.Float":     func(s string) error { return new(big.Float).UnmarshalText([]byte(s)) },
	"math/big.Rat":       func(s string) error { return new(big.Rat).UnmarshalText([]byte(s)) },
	"regexp.Regexp":      func(s string) error { return new(regexp.Regexp).UnmarshalText([]byte(s)) },
	"net/url.URL":        func(s string) error { return new(url.URL).UnmarshalBinary([]byte(s)) },
}

// parseIP does what UnmarshalText of a net.IP does. Package net would link plugingen with libc,
// which takes half a millisecond to start.
func parseIP(s string) error {
	if s == "" {
		return nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return fmt.Errorf("invalid IP address: %s", s)
	}
	return nil
}

// compare returns -1, 0 or 1 as v is less than, equal to, or greater than w.
func compare(v, w constant.Value) int {
	switch {
	case constant.Compare(v, token.LSS, w):
		return -1
	case constant.Compare(v, token.GTR, w):
		return 1
	}
	return 0
}
