package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/matryer/is"
)

func TestProgressIsErased(t *testing.T) {
	is := is.New(t)
	terminal := &console{}
	stop, gone := make(chan struct{}), make(chan struct{})
	go func() {
		show(terminal, "reading packages", stop)
		close(gone)
	}()
	says(t, terminal, "plugingen: reading packages")
	close(stop)
	<-gone
	lines := strings.Split(terminal.String(), "\r")
	is.Equal(lines[len(lines)-1], "") // the next text begins on the left
	is.Equal(strings.TrimSpace(lines[len(lines)-2]), "")
	is.Equal(len(lines[len(lines)-2]), len(lines[len(lines)-3]))
}

func TestNoProgressInPipe(t *testing.T) {
	is := is.New(t)
	r, w, err := os.Pipe()
	is.NoErr(err)
	defer r.Close()
	defer w.Close()
	is.True(!isTerminal(w))
	is.True(!isTerminal(&bytes.Buffer{}))
}
