package httpapi

import "net/http"

// A Handler answers a request, or says why it can't. It returns an error only as
// long as it has written nothing.
type Handler func(http.ResponseWriter, *http.Request) error

// ServeHTTP calls h and answers with its error, if there is one.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		fail(w, r, err)
	}
}

// A Mux is an [http.ServeMux] for handlers that may fail, whose own errors are
// JSON too.
type Mux struct{ mux *http.ServeMux }

// NewMux returns a mux without handlers.
func NewMux() *Mux { return &Mux{http.NewServeMux()} }

// Handle registers a handler for a pattern of [http.ServeMux].
func (m *Mux) Handle(pattern string, h Handler) { m.mux.Handle(pattern, h) }

// ServeHTTP calls the handler whose pattern fits best.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, _ := m.mux.Handler(r)
	if _, ours := h.(Handler); !ours {
		fail(w, r, unmatched(h, w, r))
		return
	}
	m.mux.ServeHTTP(w, r)
}

// unmatched makes an error of what ServeMux has to say to a request that no
// pattern fits. A redirect is an error too: it leads to another name than the one
// that was asked for.
func unmatched(h http.Handler, w http.ResponseWriter, r *http.Request) error {
	answer := headerOnly{header: http.Header{}}
	h.ServeHTTP(&answer, r)
	if answer.status == http.StatusMethodNotAllowed {
		allowed := answer.header.Get("Allow")
		w.Header().Set("Allow", allowed)
		return Errorf(answer.status, "%s is not allowed at %s, but %s", r.Method, r.URL.Path, allowed)
	}
	if other := answer.header.Get("Location"); other != "" {
		return Errorf(http.StatusNotFound, "there is nothing at %s; did you mean %s?", r.URL.Path, other)
	}
	return Errorf(http.StatusNotFound, "there is nothing at %s", r.URL.Path)
}

// headerOnly is a ResponseWriter that drops the body.
type headerOnly struct {
	header http.Header
	status int
}

func (h *headerOnly) Header() http.Header         { return h.header }
func (h *headerOnly) WriteHeader(status int)      { h.status = status }
func (h *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
