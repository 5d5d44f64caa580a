package rules

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// TestIsStandard compares the packages of the standard library with those of the go command,
// of which a newer one may have more.
func TestIsStandard(t *testing.T) {
	is := is.New(t)
	out, err := exec.Command("go", "list", "std").Output()
	is.NoErr(err)
	var known []string
	for path := range strings.FieldsSeq(string(out)) {
		if !strings.Contains(path, "internal") && !strings.HasPrefix(path, "vendor/") {
			known = append(known, path)
		}
	}
	is.Equal(strings.Join(known, " "), strings.TrimSpace(standard))
	is.True(IsStandard("net/netip"))
	is.True(!IsStandard("netip"))
	is.True(!IsStandard("app/config"))
	is.True(!IsStandard(""))
}
