// Package measure runs programs and says what they cost, beside each other: cases that
// are to be compared take turns, so that whatever else the machine does hits them all.
package measure

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A Cost is what one run of a program took.
type Cost struct {
	Wall   time.Duration // from start to exit
	CPU    time.Duration // user and system, of all processes
	Memory int64         // bytes at the peak, of the largest process
}

// A Case is a program to run, and what has to be done before each run.
type Case struct {
	Name   string
	Before func() error // not measured; may be nil
	Dir    string
	Env    []string // beside the environment
	Args   []string // the program first
	Runs   int      // at most so many, if it is not 0
}

// A Launcher is the name of the program in cmd/launch.
type Launcher string

// Run runs a case once, and returns what it cost and what it printed.
func (l Launcher) Run(c Case) (Cost, []byte, error) {
	if c.Before != nil {
		if err := c.Before(); err != nil {
			return Cost{}, nil, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	cost, output, err := l.start(c)
	if err != nil {
		return cost, output, fmt.Errorf("%s: %w\n%s", c.Name, err, bytes.TrimSpace(output[:min(len(output), 2000)]))
	}
	return cost, output, nil
}

func (l Launcher) start(c Case) (Cost, []byte, error) {
	program, err := exec.LookPath(c.Args[0])
	if err != nil {
		return Cost{}, nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return Cost{}, nil, err
	}
	defer r.Close()
	cmd := exec.Command(string(l), append([]string{program}, c.Args[1:]...)...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	cmd.ExtraFiles = []*os.File{w}
	output, err := cmd.CombinedOutput()
	w.Close()
	if err != nil {
		return Cost{}, output, err
	}
	cost, err := parse(r)
	return cost, output, err
}

func parse(r io.Reader) (Cost, error) {
	var wall, cpu float64
	var memory int64
	_, err := fmt.Fscan(r, &wall, &cpu, &memory)
	return Cost{seconds(wall), seconds(cpu), memory}, err
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// WarmUp runs each case once, so that what follows finds files in the page cache.
func (l Launcher) WarmUp(cases []Case) error {
	_, err := l.InTurns(1, cases)
	return err
}

// InTurns runs the cases so many times, in turns. The order of the cases is another one
// in each round. Each case's costs are in the order of the rounds; a case that is to run
// less often is run in the first rounds.
func (l Launcher) InTurns(rounds int, cases []Case) ([][]Cost, error) {
	costs := make([][]Cost, len(cases))
	for round := range rounds {
		for k := range cases {
			i := (k + round) % len(cases)
			if cases[i].Runs > 0 && round >= cases[i].Runs {
				continue
			}
			cost, _, err := l.Run(cases[i])
			if err != nil {
				return nil, err
			}
			costs[i] = append(costs[i], cost)
		}
	}
	return costs, nil
}

// A Stat is a median and what the values range from and to.
type Stat struct{ Median, Min, Max float64 }

// NewStat returns the Stat of what value says of each sample.
func NewStat[T any](samples []T, value func(T) float64) Stat {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = value(s)
	}
	slices.Sort(values)
	n := len(values)
	return Stat{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

// Ratio returns the Stat of the ratios in each round that there are samples of.
func Ratio[T any](samples, to []T, value func(T) float64) Stat {
	ratios := make([]float64, min(len(samples), len(to)))
	for i := range ratios {
		ratios[i] = value(samples[i]) / value(to[i])
	}
	return NewStat(ratios, func(r float64) float64 { return r })
}

// Wall returns the seconds from start to exit.
func Wall(c Cost) float64 { return c.Wall.Seconds() }

// CPU returns the seconds of processor time.
func CPU(c Cost) float64 { return c.CPU.Seconds() }

// Memory returns the bytes that were resident at the peak.
func Memory(c Cost) float64 { return float64(c.Memory) }
