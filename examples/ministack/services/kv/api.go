package kv

import (
	"net/http"
	"strconv"

	"example.com/ministack/httpapi"
	"go.etcd.io/bbolt"
)

// maxValue is the size of the largest value.
const maxValue = 1 << 20

type api struct{ store *store }

func newAPI(db *bbolt.DB) (http.Handler, error) {
	s, err := openStore(db)
	if err != nil {
		return nil, err
	}
	a, mux := api{s}, httpapi.NewMux()
	mux.Handle("GET /keys", a.list)
	mux.Handle("PUT /keys/{key...}", a.put)
	mux.Handle("GET /keys/{key...}", a.get)
	mux.Handle("DELETE /keys/{key...}", a.remove)
	return mux, nil
}

func (a api) list(w http.ResponseWriter, r *http.Request) error {
	page, err := httpapi.PageOf(r)
	if err != nil {
		return err
	}
	entries, next, err := a.store.list(page)
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, struct {
		Keys []Entry `json:"keys"`
		Next string  `json:"next,omitempty"`
	}{entries, next})
}

func (a api) put(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	may, err := conditionOf(r)
	if err != nil {
		return err
	}
	value, err := httpapi.Body(w, r, maxValue)
	if err != nil {
		return err
	}
	version, created, err := a.store.put(key, value, may)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(version))
	return httpapi.Reply(w, httpapi.CreatedOr(created), Entry{key, version, len(value)})
}

func (a api) get(w http.ResponseWriter, r *http.Request) error {
	version, value, err := a.store.get(r.PathValue("key"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(value)))
	w.Header().Set("ETag", etag(version))
	_, _ = w.Write(value) // an error here is the client's going away
	return nil
}

func (a api) remove(w http.ResponseWriter, r *http.Request) error {
	may, err := conditionOf(r)
	if err != nil {
		return err
	}
	if err := a.store.remove(r.PathValue("key"), may); err != nil {
		return err
	}
	return httpapi.NoContent(w)
}
