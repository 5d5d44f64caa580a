package kv

import (
	"encoding/binary"
	"net/http"

	"example.com/ministack/httpapi"
	"example.com/ministack/storage"
	"go.etcd.io/bbolt"
)

// keysKey is the one bucket of bbolt: a version in 8 bytes, then the value, by key.
// Its sequence is the last version.
var keysKey = []byte("keys")

// An Entry is what is known of a key beside its value.
type Entry struct {
	Key     string `json:"key"`
	Version uint64 `json:"version"`
	Size    int    `json:"size"`
}

type store struct{ db *bbolt.DB }

func openStore(db *bbolt.DB) (*store, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(keysKey)
		return err
	})
	return &store{db}, err
}

// split returns the version and the value of what is on disk. A key that is not
// there has version 0.
func split(stored []byte) (version uint64, value []byte) {
	if stored == nil {
		return 0, nil
	}
	return binary.BigEndian.Uint64(stored), stored[8:]
}

// put sets a value, if the condition allows. When it returns without an error, the
// value is on disk.
func (s *store) put(key string, value []byte, may condition) (version uint64, created bool, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(keysKey)
		old, _ := split(b.Get([]byte(key)))
		if err := may.change(key, old); err != nil {
			return err
		}
		created = old == 0
		if version, err = b.NextSequence(); err != nil {
			return err
		}
		return b.Put([]byte(key), append(binary.BigEndian.AppendUint64(nil, version), value...))
	})
	return version, created, err
}

func (s *store) get(key string) (version uint64, value []byte, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		v, stored := split(tx.Bucket(keysKey).Get([]byte(key)))
		version, value = v, append(value, stored...)
		return nil
	})
	if err == nil && version == 0 {
		err = noKey(key)
	}
	return version, value, err
}

func (s *store) remove(key string, may condition) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(keysKey)
		old, _ := split(b.Get([]byte(key)))
		if err := may.change(key, old); err != nil {
			return err
		}
		if old == 0 {
			return noKey(key)
		}
		return b.Delete([]byte(key))
	})
}

// list returns a page of keys, and the key after which the next page begins if
// there is one.
func (s *store) list(page httpapi.Page) (entries []Entry, next string, err error) {
	entries = []Entry{}
	err = s.db.View(func(tx *bbolt.Tx) error {
		for key, stored := range storage.Scan(tx.Bucket(keysKey), page.Prefix, page.After) {
			if len(entries) == page.Limit {
				next = entries[len(entries)-1].Key
				return nil
			}
			version, value := split(stored)
			entries = append(entries, Entry{string(key), version, len(value)})
		}
		return nil
	})
	return entries, next, err
}

func noKey(key string) error {
	return httpapi.Errorf(http.StatusNotFound, "there is no key %q", key)
}
