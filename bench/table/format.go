package table

import (
	"fmt"
	"math"

	"github.com/plugingen/plugingen/bench/measure"
)

// Time formats seconds, with the range that they were measured in.
func Time(s measure.Stat) string {
	unit, factor := "s", 1.0
	switch {
	case s.Median < 1e-6:
		unit, factor = "ns", 1e9
	case s.Median < 1e-3:
		unit, factor = "µs", 1e6
	case s.Median < 1:
		unit, factor = "ms", 1e3
	}
	return spread(s, factor) + " " + unit
}

// Ratio formats a ratio, with the range that it was measured in.
func Ratio(s measure.Stat) string { return spread(s, 1) + " ×" }

// Bytes formats the median of a number of bytes.
func Bytes(n float64) string {
	switch {
	case math.Abs(n) < 10_000:
		return fmt.Sprintf("%.0f B", math.Round(n)+0) // not -0
	case math.Abs(n) < 1e6:
		return digits(n/1e3) + " kB"
	}
	return digits(n/1e6) + " MB"
}

func spread(s measure.Stat, factor float64) string {
	if s.Min == s.Max {
		return digits(s.Median * factor)
	}
	return fmt.Sprintf("%s (%s–%s)", digits(s.Median*factor), digits(s.Min*factor), digits(s.Max*factor))
}

// digits writes three digits that mean something.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100 || v == 0:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
