package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/matryer/is"

	"example.com/ministack/storage"
)

func TestNames(t *testing.T) {
	is := is.New(t)
	for _, good := range []string{"a", "9", "Photos-2026_a.b", strings.Repeat("x", MaxName)} {
		is.True(isName(good))
	}
	for _, bad := range []string{"", ".", "..", "-a", "a b", "a/b", "ä", "a\n", strings.Repeat("x", MaxName+1)} {
		is.True(!isName(bad))
	}
}

func TestWhatAHandlerFailsWithIsWhatTheClientSees(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{Errorf(http.StatusConflict, "no %q", "x"), 409, `no \"x\"`},
		{fmt.Errorf("store: %w", Errorf(http.StatusNotFound, "gone")), 404, "gone"},
		{&http.MaxBytesError{Limit: 7}, 413, "larger than 7 bytes"},
		{storage.ErrClosed, 503, "shutting down"},
		{errors.New("secret"), 500, "internal error"},
	} {
		is := is.New(t)
		mux := NewMux()
		mux.Handle("GET /", func(http.ResponseWriter, *http.Request) error { return c.err })
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		is.Equal(w.Code, c.status)
		is.Equal(w.Header().Get("Content-Type"), "application/json")
		is.True(strings.Contains(w.Body.String(), c.says)) // the message
		is.True(!strings.Contains(w.Body.String(), "secret"))
	}
}

func TestAClientThatHasGoneGetsNoAnswer(t *testing.T) {
	is := is.New(t)
	mux := NewMux()
	mux.Handle("GET /", func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	is.Equal(w.Body.Len(), 0)
}

func TestUnmatchedPaths(t *testing.T) {
	mux := NewMux()
	mux.Handle("PUT /things/{name...}", func(w http.ResponseWriter, r *http.Request) error {
		return Reply(w, http.StatusOK, r.PathValue("name"))
	})
	for path, status := range map[string]int{
		"/things/a":       200,
		"/things/a/b/":    200,
		"/things/a%2F..b": 200,
		"/elsewhere":      404,
		"/things":         404,
		"/things//a":      404,
		"/things/../a":    404,
		"/things/./a":     404,
		"//":              404,
		"*":               404,
	} {
		is := is.New(t)
		w := httptest.NewRecorder()
		r := httptest.NewRequest("PUT", "http://host/", nil)
		r.URL.Path, r.URL.RawPath = strings.ReplaceAll(path, "%2F", "/"), path
		mux.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
		is.Equal(w.Header().Get("Location"), "")
	}
}

func TestPages(t *testing.T) {
	is := is.New(t)
	page, err := PageOf(httptest.NewRequest("GET", "/?prefix=a/&after=a/1&limit=5", nil))
	is.NoErr(err)
	is.Equal(page, Page{"a/", "a/1", 5})
	page, err = PageOf(httptest.NewRequest("GET", "/", nil))
	is.NoErr(err)
	is.Equal(page, Page{Limit: MaxPage})
	for _, limit := range []string{"0", "-1", "1001", "x", "9999999999999999999"} {
		_, err = PageOf(httptest.NewRequest("GET", "/?limit="+limit, nil))
		is.Equal(fmt.Sprint(err), "limit="+limit+": want a number from 1 to 1000")
	}
}

func TestABodyThatBreaksOffIsTheClientsError(t *testing.T) {
	is := is.New(t)
	r := httptest.NewRequest("PUT", "/", io.MultiReader(strings.NewReader("half"), broken{}))
	_, err := Body(httptest.NewRecorder(), r, 100)
	is.Equal(public(err).Status, http.StatusBadRequest)
	r = httptest.NewRequest("PUT", "/", strings.NewReader("too much"))
	_, err = Body(httptest.NewRecorder(), r, 7)
	is.Equal(public(err).Status, http.StatusRequestEntityTooLarge)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
