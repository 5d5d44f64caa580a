package generators

import "math"

// A curve is how long something took, by size.
type curve []point

type point struct{ size, seconds float64 }

// at foretells how long a greater size takes: a power of the size, which two points give; one
// point is taken for linear, and from none nothing is known.
func (c curve) at(size int) float64 {
	if len(c) == 0 {
		return 0
	}
	last, power := c[len(c)-1], 1.0
	if len(c) > 1 {
		before := c[len(c)-2]
		power = max(1, math.Log(last.seconds/before.seconds)/math.Log(last.size/before.size))
	}
	return last.seconds * math.Pow(float64(size)/last.size, power)
}
