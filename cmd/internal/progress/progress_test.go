package progress

import (
	"bytes"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// A screen stops what is being shown as soon as there is something of it.
type screen struct {
	bytes.Buffer
	stop chan struct{}
}

func (t *screen) Write(p []byte) (int, error) {
	if t.Len() == 0 {
		close(t.stop)
	}
	return t.Buffer.Write(p)
}

func TestProgressIsErased(t *testing.T) {
	is := is.New(t)
	to := &screen{stop: make(chan struct{})}
	show(to, "reading packages", to.stop)
	is.True(strings.HasPrefix(to.String(), "\rreading packages, 0."))
	lines := strings.Split(to.String(), "\r")
	is.Equal(lines[len(lines)-1], "") // the next text begins on the left
	is.Equal(strings.TrimSpace(lines[len(lines)-2]), "")
	is.Equal(len(lines[len(lines)-2]), len(lines[len(lines)-3]))
}
