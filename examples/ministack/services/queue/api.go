package queue

import (
	"net/http"
	"time"
	"unicode/utf8"

	"example.com/ministack/httpapi"
)

// Limits of what a client may ask for.
const (
	maxMessage    = 256 << 10
	maxMessages   = 10 // of one receive
	maxVisibility = 12 * 60 * 60
)

type api struct {
	store      *store
	visibility time.Duration // that a receiver has who does not say
}

func newHandler(s *store, visibility time.Duration) http.Handler {
	a, mux := api{s, visibility}, httpapi.NewMux()
	mux.Handle("GET /queues", a.queues)
	mux.Handle("PUT /queues/{queue}", a.makeQueue)
	mux.Handle("DELETE /queues/{queue}", a.removeQueue)
	mux.Handle("POST /queues/{queue}/messages", a.send)
	mux.Handle("POST /queues/{queue}/receive", a.receive)
	mux.Handle("DELETE /queues/{queue}/messages/{receipt}", a.remove)
	return mux
}

func (a api) queues(w http.ResponseWriter, _ *http.Request) error {
	names, err := a.store.queues()
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, struct {
		Queues []string `json:"queues"`
	}{names})
}

func (a api) makeQueue(w http.ResponseWriter, r *http.Request) error {
	name, err := httpapi.Name(r, "queue")
	if err != nil {
		return err
	}
	created, err := a.store.makeQueue(name)
	if err != nil {
		return err
	}
	return httpapi.Reply(w, httpapi.CreatedOr(created), struct {
		Queue string `json:"queue"`
	}{name})
}

func (a api) removeQueue(w http.ResponseWriter, r *http.Request) error {
	if err := a.store.removeQueue(r.PathValue("queue")); err != nil {
		return err
	}
	return httpapi.NoContent(w)
}

func (a api) send(w http.ResponseWriter, r *http.Request) error {
	body, err := httpapi.Body(w, r, maxMessage)
	if err != nil {
		return err
	}
	if !utf8.Valid(body) {
		return httpapi.Errorf(http.StatusBadRequest,
			"a message is text in UTF-8: encode what is not, in base64 for example")
	}
	id, err := a.store.send(r.PathValue("queue"), string(body))
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusCreated, struct {
		ID uint64 `json:"id"`
	}{id})
}

func (a api) receive(w http.ResponseWriter, r *http.Request) error {
	limit, err := httpapi.Int(r, "max", 1, maxMessages, 1)
	if err != nil {
		return err
	}
	seconds, err := httpapi.Int(r, "visibility", 0, maxVisibility, int(a.visibility/time.Second))
	if err != nil {
		return err
	}
	messages, err := a.store.receive(r.PathValue("queue"), limit, time.Duration(seconds)*time.Second)
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, struct {
		Messages []Message `json:"messages"`
	}{messages})
}

func (a api) remove(w http.ResponseWriter, r *http.Request) error {
	if err := a.store.remove(r.PathValue("queue"), r.PathValue("receipt")); err != nil {
		return err
	}
	return httpapi.NoContent(w)
}
