package config

import (
	"errors"
	"time"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// DurationPattern is the regular expression of the durations that [ParseDuration] accepts,
// for JSON Schema.
const DurationPattern = `^-?(0|` +
	hours + minutes + `?` + seconds + `?` + millis + `?` + micros + `?` + nanos + `?|` +
	minutes + seconds + `?` + millis + `?` + micros + `?` + nanos + `?|` +
	seconds + millis + `?` + micros + `?` + nanos + `?|` +
	millis + micros + `?` + nanos + `?|` +
	micros + nanos + `?|` +
	nanos + `)$`

// Each unit has as many digits as are sure to fit 64 bits, and as many of a fraction as
// lose nothing.
const (
	hours   = `([0-9]{1,6}(\.[0-9]{1,9})?h)`
	minutes = `([0-9]{1,7}(\.[0-9]{1,9})?m)`
	seconds = `([0-9]{1,9}(\.[0-9]{1,9})?s)`
	millis  = `([0-9]{1,12}(\.[0-9]{1,6})?ms)`
	micros  = `([0-9]{1,15}(\.[0-9]{1,3})?(us|µs|μs))`
	nanos   = `([0-9]{1,18}ns)`
)

// unit is a unit of durations.
type unit struct {
	name             string
	size             int64 // in nanoseconds
	digits, fraction int   // how many there may be
}

var units = [...]unit{
	{"h", int64(time.Hour), 6, 9},
	{"m", int64(time.Minute), 7, 9},
	{"s", int64(time.Second), 9, 9},
	{"ms", int64(time.Millisecond), 12, 6},
	{"us", int64(time.Microsecond), 15, 3},
	{"ns", 1, 18, 0},
}

// ParseDuration parses a duration such as "1m30s" or "1.5h": as [time.ParseDuration] does,
// but each unit can be there only once, the larger ones first, with so many digits that
// nothing is lost. Zero needs no unit. The units are h, m, s, ms, us or µs, and ns.
// The error does not contain the text.
func ParseDuration(s string) (time.Duration, error) {
	rest, negative := s, false
	if rest != "" && rest[0] == '-' {
		rest, negative = rest[1:], true
	}
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, errDuration
	}
	var total int64
	for next := 0; rest != ""; {
		number := leadingDigits(rest)
		rest = rest[number.end:]
		name := unitName(rest)
		if number.digits == 0 || number.point && number.places == 0 {
			return 0, errDuration
		}
		if name == "" {
			return 0, errUnit
		}
		at := unitOf(name)
		if at < 0 {
			return 0, errDuration
		}
		u := &units[at]
		switch {
		case at < next:
			return 0, errUnitOrder
		case number.digits > u.digits || number.places > u.fraction:
			return 0, errDigits
		}
		total += number.whole*u.size + number.fraction*(u.size/pow10(number.places))
		next, rest = at+1, rest[len(name):]
	}
	if negative {
		total = -total
	}
	return time.Duration(total), nil
}

var (
	errDuration  = errors.New(`expected a duration such as "1m30s"`)
	errUnit      = errors.New(`the duration has no unit: write "5s", "5m" or "5h"`)
	errUnitOrder = errors.New(`expected each unit of a duration once, the larger ones first, such as "1h30m"`)
	errDigits    = errors.New("the duration has too many digits")
)

// decimal is a number that a text begins with.
type decimal struct {
	whole, fraction     int64 // of at most 18 digits each; the rest does not count
	digits, places, end int
	point               bool
}

func leadingDigits(s string) (d decimal) {
	for d.end = 0; d.end < len(s); d.end++ {
		c := s[d.end]
		switch {
		case c == '.' && !d.point:
			d.point = true
		case !tree.IsDigit(c):
			return d
		case d.point:
			if d.places++; d.places <= 18 {
				d.fraction = d.fraction*10 + int64(c-'0')
			}
		default:
			if d.digits++; d.digits <= 18 {
				d.whole = d.whole*10 + int64(c-'0')
			}
		}
	}
	return d
}

// unitName returns the letters that a text begins with.
func unitName(s string) string {
	for i := range len(s) {
		if tree.IsDigit(s[i]) || s[i] == '.' {
			return s[:i]
		}
	}
	return s
}

func unitOf(name string) int {
	if name == "µs" || name == "μs" {
		name = "us"
	}
	for i := range units {
		if units[i].name == name {
			return i
		}
	}
	return -1
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
