// Package progress shows people what a command is doing while they wait for it.
package progress

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/plugingen/plugingen/internal/terminal"
)

// patience is how long a command may take before Show writes anything.
const patience = 500 * time.Millisecond

// Show shows on a terminal, after a short while, what is being done and for how long. The
// caller must call finish, which erases it.
func Show(w io.Writer, what string) (finish func()) {
	if !terminal.Is(w) {
		return func() {}
	}
	stop, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		show(w, what, stop)
	}()
	return func() {
		close(stop)
		<-gone
	}
}

func show(w io.Writer, what string, stop <-chan struct{}) {
	begin := time.Now()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	line := ""
	for {
		select {
		case <-tick.C:
			line = fmt.Sprintf("%s, %.1f s", what, time.Since(begin).Seconds())
			fmt.Fprintf(w, "\r%s", line)
		case <-stop:
			if line != "" {
				fmt.Fprintf(w, "\r%s\r", strings.Repeat(" ", len(line)))
			}
			return
		}
	}
}
