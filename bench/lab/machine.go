package lab

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Machine describes where and when, in a sentence.
func (l *Lab) Machine() string {
	mode := "full"
	if l.Quick {
		mode = "quick"
	}
	s := fmt.Sprintf("Measured on %s in a %s run at commit %s, on %d processors (%s) with %s, %s/%s.",
		time.Now().UTC().Format(time.DateOnly), mode, l.commit(), runtime.NumCPU(), processor(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if load := busy(); load != "" {
		s += " " + load + " processes were running or waiting on average in the minute before, which " +
			"includes what else was going on."
	}
	return s
}

func (l *Lab) commit() string {
	cmd := exec.Command("git", "rev-parse", "--short", "HEAD")
	cmd.Dir = l.Project
	out, err := cmd.Output()
	if err != nil {
		return "unknown"
	}
	return string(bytes.TrimSpace(out))
}

// processor returns the model, where Linux tells it.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown model"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, _ := strings.Cut(s.Text(), ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown model"
}

func busy() string {
	src, _ := os.ReadFile("/proc/loadavg") // there is none but on Linux
	load, _, _ := strings.Cut(string(src), " ")
	return load
}
