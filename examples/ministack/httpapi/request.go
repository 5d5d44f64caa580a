package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a client may send.
const (
	MaxName = 63   // characters of a name
	MaxKey  = 1024 // bytes of a key
	MaxPage = 1000 // entries of a list
)

// Name returns the path value called what, which names a thing such as a bucket.
func Name(r *http.Request, what string) (string, error) {
	name := r.PathValue(what)
	if !isName(name) {
		return "", Errorf(http.StatusBadRequest,
			"%.80q can't name a %s: a name is 1 to %d letters, digits, and . _ - after the first", name, what, MaxName)
	}
	return name, nil
}

func isName(s string) bool {
	for i, c := range s {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("._-", c)) {
			return false
		}
	}
	return 0 < len(s) && len(s) <= MaxName
}

// Key returns the path value "key", which may have slashes.
func Key(r *http.Request) (string, error) {
	key := r.PathValue("key")
	bad := key == "" || len(key) > MaxKey || !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl)
	if bad {
		return "", Errorf(http.StatusBadRequest,
			"%.80q can't be a key: a key is 1 to %d bytes of printable text", key, MaxKey)
	}
	return key, nil
}

// Body reads the whole body of at most limit bytes.
func Body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, tooLarge := err.(*http.MaxBytesError); err != nil && !tooLarge {
		return nil, Errorf(http.StatusBadRequest, "the body could not be read: %v", err)
	}
	return body, err
}

// A Page says which part of a list is asked for: the entries with a prefix that
// come after a given one, and how many.
type Page struct {
	Prefix string
	After  string
	Limit  int
}

// PageOf returns the page that the query parameters prefix, after and limit ask for.
func PageOf(r *http.Request) (Page, error) {
	limit, err := Int(r, "limit", 1, MaxPage, MaxPage)
	query := r.URL.Query()
	return Page{query.Get("prefix"), query.Get("after"), limit}, err
}

// Int returns the query parameter called name, or what it is if not given.
func Int(r *http.Request, name string, least, most, otherwise int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, Errorf(http.StatusBadRequest, "%s=%s: want a number from %d to %d", name, text, least, most)
	}
	return n, nil
}
