//go:build unix

// Launch runs a program and says what it cost: seconds on the clock, seconds of
// processor time of it and all that it started, and the peak memory of the largest of
// them in bytes, as a line on file descriptor 3.
//
// It is a program of its own because Linux counts the memory of the parent at the
// time of the fork as the child's.
package main

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() {
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr}
	begin := time.Now()
	p, err := os.StartProcess(os.Args[1], os.Args[1:], &os.ProcAttr{Files: files})
	if err != nil {
		fail(err)
	}
	state, err := p.Wait()
	wall := time.Since(begin)
	if err != nil {
		fail(err)
	}
	cpu := state.UserTime() + state.SystemTime()
	cost := seconds(wall) + " " + seconds(cpu) + " " + strconv.FormatInt(peak(state), 10) + "\n"
	if _, err := os.NewFile(3, "cost").WriteString(cost); err != nil {
		fail(err)
	}
	os.Exit(state.ExitCode())
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

func peak(state *os.ProcessState) int64 {
	n := int64(state.SysUsage().(*syscall.Rusage).Maxrss)
	if runtime.GOOS != "darwin" {
		n *= 1024 // macOS alone counts bytes
	}
	return n
}

func fail(err error) {
	os.Stderr.WriteString("launch: " + err.Error() + "\n")
	os.Exit(125)
}
