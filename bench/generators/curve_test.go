package generators

import (
	"math"
	"testing"

	"github.com/matryer/is"
)

func TestCurve(t *testing.T) {
	for _, test := range []struct {
		name  string
		curve curve
		want  float64 // seconds at 1,000
	}{
		{"nothing is known", nil, 0},
		{"one point is linear", curve{{100, 2}}, 20},
		{"linear", curve{{10, 1}, {100, 10}}, 100},
		{"quadratic", curve{{10, 1}, {100, 100}}, 10_000},
		{"what hardly grew is taken for linear", curve{{10, 1}, {100, 1.5}}, 15},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			is.True(math.Abs(test.curve.at(1_000)-test.want) < 1e-6*test.want+1e-9)
		})
	}
}
