package options

import (
	"net"
	"testing"

	"github.com/matryer/is"
)

func TestParseIP(t *testing.T) {
	for _, text := range []string{"", "1.2.3.4", "1.2.3", "01.2.3.4", "::1", "::ffff:1.2.3.4", "fe80::1%eth0", "x", " ::1"} {
		is.New(t).Equal(parseIP(text) == nil, new(net.IP).UnmarshalText([]byte(text)) == nil) // text
	}
}
