package generated

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Bounds of what is searched for secrets, so that it takes linear time.
const (
	minSecret  = 3     // bytes that make a secret; fewer are in any text
	maxSecrets = 1000  // values of a struct
	maxReason  = 10000 // bytes of an error of a user's method
)

// hiding keeps secrets out of errors.
type hiding struct {
	secrets []string // values of secrets, which no error may show
}

// secret reports whether the value is not to be shown.
func (d *Decoder) secret() bool {
	return d.option != nil && d.option.Secret || d.inherits || len(d.frames) > 0 && d.top().secret
}

// remember remembers the values of a secret.
func (d *Decoder) remember(n *tree.Node) {
	if n.Text != "" {
		d.secrets = append(d.secrets, n.Text)
	}
	for i := range n.Items {
		d.remember(&n.Items[i].Node)
	}
}

// passSecrets lets the errors of the plugins that are options not show the secrets.
func (d *Decoder) passSecrets() {
	hide := hiding{slices.Clone(d.secrets)}
	for _, c := range d.children {
		c.hide = hide
	}
}

// A reason is what a user's method said, of which only at the end it is known whether it
// shows a secret: options that are filled later may have that.
type reason struct {
	error *config.Error
	what  string // stands before it
	said  error
}

// refuse reports an error of a user's method.
func (d *Decoder) refuse(what string, err error) {
	before := len(d.errs)
	d.failWith(what+textOf(err), err)
	if len(d.errs) == before {
		return
	}
	e := d.errs[before]
	r := reason{e, what, err}
	if d.secret() {
		r.hide()
		return
	}
	d.reasons = append(d.reasons, r)
}

// hide takes the reason out of its error.
func (r reason) hide() {
	if r.what == "" {
		r.what = "refused: "
	}
	r.error.Message, r.error.Err = r.what+"the reason is not shown, as it could show a secret", nil
}

// hideReasons hides the errors of users' methods that may show a secret, themselves or in
// what they wrap. What references resolve to is shown as it is written.
func (d *Decoder) hideReasons() {
	if len(d.reasons) == 0 {
		return
	}
	var references []*tree.Node
	eachReference(d.whole, func(n *tree.Node) { references = append(references, n) })
	var resolved hiding
	for _, n := range references {
		resolved.secrets = append(resolved.secrets, n.Text)
	}
	for _, r := range d.reasons {
		message := r.error.Message
		if !d.shows(r.said, 0) && resolved.shows(r.said, 0) && len(message) <= maxReason {
			r.error.Err = nil
			for _, n := range references[:min(len(references), maxSecrets)] {
				message = strings.ReplaceAll(message, n.Text, n.Raw)
			}
			r.error.Message = message
		}
		if d.shows(r.said, 0) || resolved.isIn(message) {
			r.hide()
		}
	}
}

// eachReference calls f for all values that came from references.
func eachReference(n *tree.Node, f func(*tree.Node)) {
	if n == nil {
		return
	}
	if n.Raw != "" && len(n.Text) >= minSecret {
		f(n)
	}
	for i := range n.Items {
		eachReference(&n.Items[i].Node, f)
	}
}

// shows reports whether an error, or one that it wraps, has a secret in its text.
func (h *hiding) shows(err error, depth int) bool {
	if len(h.secrets) == 0 || err == nil {
		return false
	}
	if depth > tree.MaxDepth || h.isIn(textOf(err)) {
		return true
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return h.shows(e.Unwrap(), depth+1)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), func(err error) bool { return h.shows(err, depth+1) })
	}
	return false
}

// isIn reports whether a text has a secret in it, or a good part of one, be it quoted,
// encoded, in other case or over several lines. Errors tend to quote from where something is
// wrong.
func (h *hiding) isIn(said string) bool {
	if len(h.secrets) == 0 {
		return false
	}
	if len(said) > maxReason || len(h.secrets) > maxSecrets {
		return true
	}
	plain := letters(said)
	short, long := partsOf(plain, shortPart), partsOf(plain, longPart)
	return slices.ContainsFunc(h.secrets, func(secret string) bool {
		if strings.Contains(said, secret) && len(secret) >= minSecret {
			return true
		}
		if hasPart(plain, short, letters(secret), shortPart) {
			return true
		}
		if len(secret) < minSecret {
			return false
		}
		return slices.ContainsFunc(encodings(secret), func(encoded string) bool {
			return hasPart(plain, long, letters(encoded), longPart)
		})
	})
}

// How many letters and digits of a secret are a good part of it, and how many of an encoding.
const (
	shortPart = 6
	longPart  = 8
)

// partsOf returns the parts of a text that have so many bytes.
func partsOf(said string, size int) map[string]bool {
	parts := make(map[string]bool, len(said))
	for i := 0; i+size <= len(said); i++ {
		parts[said[i:i+size]] = true
	}
	return parts
}

// hasPart reports whether one of the parts is in the secret, or all of a shorter one is in
// the text.
func hasPart(said string, parts map[string]bool, secret string, size int) bool {
	if len(secret) <= size {
		return len(secret) >= minSecret && strings.Contains(said, secret)
	}
	for i := 0; i+size <= len(secret); i++ {
		if parts[secret[i:i+size]] {
			return true
		}
	}
	return false
}

// letters returns the letters and digits of a text, in lower case.
func letters(s string) string {
	b := make([]byte, 0, len(s))
	for _, c := range []byte(strings.ToLower(s)) {
		if 'a' <= c && c <= 'z' || tree.IsDigit(c) || c >= 0x80 {
			b = append(b, c)
		}
	}
	return string(b)
}

// encodings returns how errors may write a secret. Of a long one, its beginning.
func encodings(secret string) []string {
	const most = 1000
	secret = secret[:min(len(secret), most)]
	var percent, hex strings.Builder // hex is how package time quotes
	for i := range len(secret) {
		switch c := secret[i]; {
		case c >= 0x80:
			fmt.Fprintf(&percent, "%%%02x", c)
			fmt.Fprintf(&hex, `\x%02x`, c)
		case letters(secret[i:i+1]) == "":
			fmt.Fprintf(&percent, "%%%02x", c)
		default:
			percent.WriteByte(c)
			hex.WriteByte(c)
		}
	}
	query := strings.ReplaceAll(percent.String(), "%20", "+")
	return []string{
		strconv.QuoteToASCII(secret), percent.String(), query, hex.String(),
		fmt.Sprintf("%x", secret), fmt.Sprintf("%d", []byte(secret)),
		base64(secret), base64(secret[1:]), base64(secret[2:]), // as a part of a longer text
	}
}

// base64 encodes whole groups of three bytes. The standard package's initialization would be
// part of every program with plugins.
func base64(s string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b strings.Builder
	for ; len(s) >= 3; s = s[3:] {
		group := uint(s[0])<<16 | uint(s[1])<<8 | uint(s[2])
		for shift := 18; shift >= 0; shift -= 6 {
			b.WriteByte(digits[group>>shift&63])
		}
	}
	return b.String()
}

// redact takes secrets out of an error, which may stand in the values and names of other options
// too. The path of the table that is decoded stays.
func (h *hiding) redact(e *config.Error, base string) {
	if len(h.secrets) > maxSecrets {
		e.Snippet = ""
	}
	below := strings.TrimPrefix(e.Path, base)
	rest := e.Path[:len(e.Path)-len(below)]
	for _, secret := range h.secrets[:min(len(h.secrets), maxSecrets)] {
		if len(secret) < minSecret {
			continue
		}
		quoted := strconv.Quote(secret)
		for _, form := range []string{secret, quoted[1 : len(quoted)-1]} {
			for _, said := range []*string{&e.Message, &e.Snippet, &below} {
				if strings.Contains(*said, form) {
					*said, e.Err = strings.ReplaceAll(*said, form, tree.Hidden), nil
				}
			}
		}
	}
	if h.shows(e.Err, 0) {
		e.Err = nil
	}
	e.Path = rest + below
}
