package driver_test

import (
	"go/build"
	"path/filepath"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer/driver"
)

// Code that has nothing to do with plugins is not blamed for anything.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks much of the standard library")
	}
	is := is.New(t)
	report, err := driver.Config{Dir: filepath.Join(build.Default.GOROOT, "src"), Tests: true}.Check(
		"archive/...", "database/...", "encoding/...", "go/...", "html/...", "internal/...", "net/...",
		"os/...", "plugin", "reflect", "runtime", "syscall", "text/...", "time")
	is.NoErr(err)
	is.Equal(report.Errors, nil)
	is.Equal(len(report.Findings), 0)
}
