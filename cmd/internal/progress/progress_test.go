package progress

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// A terminal stops what is being shown as soon as there is something of it.
type terminal struct {
	bytes.Buffer
	stop chan struct{}
}

func (t *terminal) Write(p []byte) (int, error) {
	if t.Len() == 0 {
		close(t.stop)
	}
	return t.Buffer.Write(p)
}

func TestProgressIsErased(t *testing.T) {
	is := is.New(t)
	to := &terminal{stop: make(chan struct{})}
	show(to, "reading packages", to.stop)
	is.True(strings.HasPrefix(to.String(), "\rreading packages, 0."))
	lines := strings.Split(to.String(), "\r")
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
	is.True(!IsTerminal(w))
	is.True(!IsTerminal(&bytes.Buffer{}))
}
