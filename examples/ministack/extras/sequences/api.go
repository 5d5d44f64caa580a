package sequences

import (
	"encoding/binary"
	"net/http"

	"go.etcd.io/bbolt"

	"example.com/ministack/httpapi"
	"example.com/ministack/storage"
)

// sequencesKey is the one bucket of bbolt: the last number in 8 bytes, by name.
var sequencesKey = []byte("sequences")

// A Sequence is a sequence and the last number it gave.
type Sequence struct {
	Name  string `json:"name"`
	Value uint64 `json:"value"`
}

type api struct{ db *bbolt.DB }

func newAPI(db *bbolt.DB) (http.Handler, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(sequencesKey)
		return err
	})
	a, mux := api{db}, httpapi.NewMux()
	mux.Handle("GET /sequences", a.list)
	mux.Handle("POST /sequences/{name}", a.next)
	return mux, err
}

func (a api) list(w http.ResponseWriter, _ *http.Request) error {
	all := []Sequence{}
	err := a.db.View(func(tx *bbolt.Tx) error {
		for name, value := range storage.Scan(tx.Bucket(sequencesKey), "", "") {
			all = append(all, Sequence{string(name), binary.BigEndian.Uint64(value)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, struct {
		Sequences []Sequence `json:"sequences"`
	}{all})
}

// next gives a number once it is on disk that it was given.
func (a api) next(w http.ResponseWriter, r *http.Request) error {
	name, err := httpapi.Name(r, "name")
	if err != nil {
		return err
	}
	s := Sequence{Name: name}
	err = a.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(sequencesKey)
		s.Value = 1
		if last := b.Get([]byte(name)); last != nil {
			s.Value += binary.BigEndian.Uint64(last)
		}
		return b.Put([]byte(name), binary.BigEndian.AppendUint64(nil, s.Value))
	})
	if err != nil {
		return err
	}
	return httpapi.Reply(w, http.StatusOK, s)
}
