package objects

import (
	"errors"
	"io"
	"net/http"
	"time"

	"example.com/ministack/httpapi"
)

// incoming returns the body of a request. A client is given time anew for every
// read, rather than for the whole, and has to send all that it announced.
func incoming(w http.ResponseWriter, r *http.Request, maxObject int64) io.Reader {
	return &patientReader{http.MaxBytesReader(w, r.Body, maxObject), http.NewResponseController(w)}
}

type patientReader struct {
	body    io.Reader
	control *http.ResponseController
}

func (p *patientReader) Read(b []byte) (int, error) {
	deadline := time.Now().Add(patience)
	// The deadline for the reply began with the request: it has to move too.
	if err := errors.Join(p.control.SetReadDeadline(deadline), p.control.SetWriteDeadline(deadline)); err != nil {
		return 0, err
	}
	n, err := p.body.Read(b)
	var tooLarge *http.MaxBytesError
	if err != nil && err != io.EOF && !errors.As(err, &tooLarge) {
		err = httpapi.Errorf(http.StatusBadRequest, "the body could not be read to its end: %v", err)
	}
	return n, err
}

// outgoing returns where to write the body of a reply: incoming's counterpart.
func outgoing(w http.ResponseWriter) io.Writer {
	return patientWriter{w, http.NewResponseController(w)}
}

type patientWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (p patientWriter) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
