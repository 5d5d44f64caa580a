// Package requestid gives each request an id, for those who look for it in the log.
package requestid

import (
	"crypto/rand"
	"log/slog"
	"net/http"

	"example.com/ministack/setup"
)

// Header names the id in requests and replies.
const Header = "X-Request-Id"

// maxID is the length up to which a client's own id is taken over.
const maxID = 128

// ConfigureRequestID adds the id to every service.
//
//plugin:namespace=ministack.setup
func ConfigureRequestID(rt *setup.Runtime) error {
	rt.Use(identify)
	return nil
}

func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(Header)
		if id == "" || len(id) > maxID {
			id = rand.Text()
		}
		w.Header().Set(Header, id)
		slog.Debug("request", "id", id, "method", r.Method, "path", r.URL.Path)
		next.ServeHTTP(w, r)
	})
}
