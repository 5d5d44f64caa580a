package running

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/bench/comparison"
	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/tree"
)

// A plux is the Python library, where there is one.
type plux struct {
	python  string
	version string            // of both
	trees   map[string]string // directories by the number of plugins
}

// findPlux asks the Python in $PYTHON, or python3, for plux, and writes the trees that it is
// measured on.
func findPlux(l *lab.Lab) (*plux, error) {
	p := &plux{python: cmp.Or(os.Getenv("PYTHON"), "python3"), trees: map[string]string{}}
	out, err := exec.Command(p.python, "-c",
		"import platform, plux; print('plux', plux.__version__, 'with Python', platform.python_version())").Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
		return nil, errors.New(lines[len(lines)-1])
	}
	if err != nil {
		return nil, err
	}
	p.version = strings.TrimSpace(string(out))
	for _, n := range comparison.Numbers {
		plugins, err := strconv.Atoi(n)
		if err != nil {
			return nil, err
		}
		if p.trees[n], err = l.Tree("plux-"+n, tree.Plugins(plugins, "plux")); err != nil {
			return nil, err
		}
		// The first run compiles, and fills plux's cache of entry points.
		if _, _, err := l.Launch.Run(p.measuring(l, n)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// measuring is the program that measures plux with n plugins.
func (p *plux) measuring(l *lab.Lab, n string) measure.Case {
	return measure.Case{
		Name: "plux", Dir: p.trees[n], Args: []string{p.python, filepath.Join(p.trees[n], "bench.py")},
		Env: []string{"XDG_CACHE_HOME=" + filepath.Join(l.Dir, "plux-cache")},
	}
}

// String says what is measured, or how it could be.
func (p *plux) String() string {
	if p == nil {
		return "plux is not here; where python3, or the Python that $PYTHON names, can import it (pip " +
			"install plux), it is measured, too."
	}
	return fmt.Sprintf("%s.", p.version)
}
