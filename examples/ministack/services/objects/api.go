package objects

import (
	"cmp"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"example.com/ministack/httpapi"
	"go.etcd.io/bbolt"
)

// patience is how long a client may take for one chunk. A whole body takes as long as it
// takes.
const patience = 30 * time.Second

type api struct{ store *store }

func newAPI(db *bbolt.DB, l *limits) (http.Handler, error) {
	s, err := openStore(db, l)
	if err != nil {
		return nil, err
	}
	a, mux := api{s}, httpapi.NewMux()
	mux.Handle("GET /{$}", a.buckets)
	mux.Handle("PUT /{bucket}", a.makeBucket)
	mux.Handle("GET /{bucket}", a.list)
	mux.Handle("DELETE /{bucket}", a.removeBucket)
	mux.Handle("PUT /{bucket}/{key...}", a.put)
	mux.Handle("GET /{bucket}/{key...}", a.get)
	mux.Handle("DELETE /{bucket}/{key...}", a.remove)
	return mux, nil
}

func (a api) buckets(w http.ResponseWriter, _ *http.Request) error {
	names, err := a.store.buckets()
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, struct {
		Buckets []string `json:"buckets"`
	}{names})
}

func (a api) makeBucket(w http.ResponseWriter, r *http.Request) error {
	name, err := httpapi.Name(r, "bucket")
	if err != nil {
		return err
	}
	created, err := a.store.makeBucket(name)
	if err != nil {
		return err
	}
	return httpapi.Reply(w, httpapi.CreatedOr(created), struct {
		Bucket string `json:"bucket"`
	}{name})
}

func (a api) removeBucket(w http.ResponseWriter, r *http.Request) error {
	if err := a.store.removeBucket(r.PathValue("bucket")); err != nil {
		return err
	}
	return httpapi.NoContent(w)
}

func (a api) list(w http.ResponseWriter, r *http.Request) error {
	page, err := httpapi.PageOf(r)
	if err != nil {
		return err
	}
	objects, next, err := a.store.list(r.PathValue("bucket"), page)
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, struct {
		Objects []Object `json:"objects"`
		Next    string   `json:"next,omitempty"`
	}{objects, next})
}

func (a api) put(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	o := Object{Key: key, ContentType: cmp.Or(r.Header.Get("Content-Type"), "application/octet-stream")}
	o, created, err := a.store.put(r.PathValue("bucket"), o, incoming(w, r, a.store.limits.object.Load()))
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(&o))
	return httpapi.Reply(w, httpapi.CreatedOr(created), o)
}

func (a api) get(w http.ResponseWriter, r *http.Request) error {
	o, body, err := a.store.open(r.PathValue("bucket"), r.PathValue("key"))
	if err != nil {
		return err
	}
	defer func() {
		if err := body.Close(); err != nil {
			slog.Error("removing a replaced body failed; the next start will", "err", err)
		}
	}()
	w.Header().Set("Content-Type", o.ContentType)
	w.Header().Set("Content-Length", strconv.FormatInt(o.Size, 10))
	w.Header().Set("ETag", etag(o))
	w.Header().Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	if r.Method == http.MethodHead {
		return nil
	}
	if err := body.copyTo(outgoing(w)); err != nil {
		slog.Debug("download ended early", "path", r.URL.Path, "err", err)
		panic(http.ErrAbortHandler) // so that the client sees that it has not got all
	}
	return nil
}

func (a api) remove(w http.ResponseWriter, r *http.Request) error {
	if err := a.store.remove(r.PathValue("bucket"), r.PathValue("key")); err != nil {
		return err
	}
	return httpapi.NoContent(w)
}

func etag(o *Object) string { return strconv.Quote(o.SHA256) }
