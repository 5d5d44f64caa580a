package gate

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// counted is the packages whose statements are counted: this project's, and those of Go's
// whose loops do the work of theirs.
const counted = "github.com/plugingen/plugingen/...,bytes,slices,sort,strings," +
	"go/ast,go/build/constraint,go/parser,go/scanner,go/token"

// buildCounting builds one of the project's commands so that it counts the statements that
// it executes, and returns its name.
func buildCounting(t *testing.T, command string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), filepath.Base(command))
	cmd := exec.Command("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+counted, "-o", name, "./"+command)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return name
}

// statements runs a program that counts in a directory, and returns how many statements it
// has executed. Unlike time, that is the same on every machine. The program may end with
// status 1, since there is something to report.
func statements(t *testing.T, dir, program string, args ...string) float64 {
	t.Helper()
	is := is.New(t)
	counts := t.TempDir()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+counts, "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%s: %v\n%s", filepath.Base(program), err, out)
	}
	text := filepath.Join(counts, "text")
	out, err := exec.Command("go", "tool", "covdata", "textfmt", "-i="+counts, "-o="+text).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool covdata: %v\n%s", err, out)
	}
	f, err := os.Open(text)
	is.NoErr(err)
	defer f.Close()
	total := 0.0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text()) // file:from,to statements times
		if len(fields) != 3 {
			continue // the mode
		}
		statements, err := strconv.ParseFloat(fields[1], 64)
		is.NoErr(err)
		times, err := strconv.ParseFloat(fields[2], 64)
		is.NoErr(err)
		total += statements * times
	}
	is.NoErr(lines.Err())
	is.True(total > 0)
	return total
}
