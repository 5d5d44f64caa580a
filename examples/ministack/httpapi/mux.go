package httpapi

import (
	"net/http"
	"path"
	"strings"
)

// A Handler answers a request, or says why it can't. It returns an error only as
// long as it has written nothing.
type Handler func(http.ResponseWriter, *http.Request) error

// A Mux is an [http.ServeMux] for handlers that may fail, whose own errors are
// JSON too.
type Mux struct{ mux *http.ServeMux }

// NewMux returns a mux without handlers.
func NewMux() *Mux { return &Mux{http.NewServeMux()} }

// Handle registers a handler for a pattern of [http.ServeMux].
func (m *Mux) Handle(pattern string, h Handler) {
	m.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			fail(w, r, err)
		}
	})
}

// ServeHTTP calls the handler whose pattern fits best.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !clean(r.URL.EscapedPath()) {
		// ServeMux would redirect to another name than the one asked for.
		fail(w, r, Errorf(http.StatusBadRequest, "the path %s has an empty, . or .. segment", r.URL.Path))
		return
	}
	if h, pattern := m.mux.Handler(r); pattern == "" {
		fail(w, r, unmatched(h, w, r))
		return
	}
	m.mux.ServeHTTP(w, r)
}

// clean says whether the path is one that [path.Clean] would not change, apart
// from a slash at the end.
func clean(p string) bool {
	return p == "/" || path.Clean(p) == strings.TrimSuffix(p, "/")
}

// unmatched turns the plain text answer of ServeMux into an error. What it says in
// headers, it says to the client.
func unmatched(h http.Handler, w http.ResponseWriter, r *http.Request) error {
	answer := statusOnly{header: w.Header()}
	h.ServeHTTP(&answer, r)
	w.Header().Del("X-Content-Type-Options")
	if answer.status == http.StatusMethodNotAllowed {
		return Errorf(answer.status, "%s is not allowed here, but %s", r.Method, w.Header().Get("Allow"))
	}
	return Errorf(answer.status, "there is nothing at %s", r.URL.Path)
}

// statusOnly is a ResponseWriter that drops the body.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
