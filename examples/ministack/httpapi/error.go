package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"example.com/ministack/storage"
)

// An Error is what went wrong, for the client to read.
type Error struct {
	Status  int    `json:"status"`
	Message string `json:"error"`
}

func (e *Error) Error() string { return e.Message }

// Errorf returns an [Error] with an HTTP status.
func Errorf(status int, format string, args ...any) error {
	return &Error{status, fmt.Sprintf(format, args...)}
}

// fail answers a request whose handler returned an error.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the client has gone: nobody reads an answer
	}
	e := public(err)
	if e.Status >= http.StatusInternalServerError {
		slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	if err := Reply(w, e.Status, e); err != nil {
		slog.Debug("error reply failed", "path", r.URL.Path, "err", err)
	}
}

// public returns what a client may know of err.
func public(err error) *Error {
	var e *Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &tooLarge):
		return &Error{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit)}
	case errors.Is(err, storage.ErrClosed):
		return &Error{http.StatusServiceUnavailable, "the service is shutting down"}
	}
	return &Error{http.StatusInternalServerError, "internal error: see the log of ministack"}
}
