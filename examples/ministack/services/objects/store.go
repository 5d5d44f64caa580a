package objects

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/ministack/httpapi"
	"example.com/ministack/storage"
	"go.etcd.io/bbolt"
)

// The store has two buckets of bbolt: one with a nested bucket of records for each
// of the user's buckets, and one with the chunks of all bodies.
var (
	bucketsKey = []byte("buckets")
	chunksKey  = []byte("chunks")
)

// An Object is what is known of an object beside its body.
type Object struct {
	Key         string    `json:"key"`
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"`
	ContentType string    `json:"content_type"`
	Modified    time.Time `json:"modified"`
}

// A record is an object on disk.
type record struct {
	Object
	Body bodyID `json:"body"`
}

type store struct {
	db     *bbolt.DB
	pins   pins
	limits *limits
	used   atomic.Int64 // the size of all objects
}

func openStore(db *bbolt.DB, l *limits) (*store, error) {
	s := &store{db: db, limits: l}
	err := db.Update(func(tx *bbolt.Tx) error {
		buckets, err := tx.CreateBucketIfNotExists(bucketsKey)
		if err != nil {
			return err
		}
		chunks, err := tx.CreateBucketIfNotExists(chunksKey)
		if err != nil {
			return err
		}
		size, err := sweep(buckets, chunks)
		s.used.Store(size)
		return err
	})
	return s, err
}

// sweep removes the chunks that belong to no object: a crash in the middle of an
// upload leaves some behind. It returns the size of all objects.
func sweep(buckets, chunks *bbolt.Bucket) (size int64, err error) {
	used := map[bodyID]bool{}
	err = buckets.ForEachBucket(func(name []byte) error {
		return buckets.Bucket(name).ForEach(func(_, value []byte) error {
			var r record
			err := json.Unmarshal(value, &r)
			used[r.Body] = true
			size += r.Size
			return err
		})
	})
	if err != nil {
		return 0, err
	}
	var stray [][]byte
	for key := range storage.Scan(chunks, "", "") {
		if !used[bodyOf(key)] {
			stray = append(stray, bytes.Clone(key))
		}
	}
	return size, storage.Delete(chunks, stray)
}

// bucket returns a user's bucket.
func bucket(tx *bbolt.Tx, name string) (*bbolt.Bucket, error) {
	b := tx.Bucket(bucketsKey).Bucket([]byte(name))
	if b == nil {
		return nil, httpapi.Errorf(http.StatusNotFound, "there is no bucket %q", name)
	}
	return b, nil
}

func (s *store) hasBucket(name string) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		_, err := bucket(tx, name)
		return err
	})
}

// find returns the record of an object, or nil.
func find(b *bbolt.Bucket, key string) (*record, error) {
	value := b.Get([]byte(key))
	if value == nil {
		return nil, nil
	}
	var r record
	if err := json.Unmarshal(value, &r); err != nil {
		return nil, fmt.Errorf("object %q: %w", key, err)
	}
	return &r, nil
}

// mustFind is find for an object that has to be there.
func mustFind(b *bbolt.Bucket, key string) (*record, error) {
	r, err := find(b, key)
	if err == nil && r == nil {
		err = httpapi.Errorf(http.StatusNotFound, "there is no object %q", key)
	}
	return r, err
}

func (s *store) makeBucket(name string) (created bool, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		buckets := tx.Bucket(bucketsKey)
		created = buckets.Bucket([]byte(name)) == nil
		_, err := buckets.CreateBucketIfNotExists([]byte(name))
		return err
	})
	return created, err
}

func (s *store) removeBucket(name string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b, err := bucket(tx, name)
		if err != nil {
			return err
		}
		if first, _ := b.Cursor().First(); first != nil {
			return httpapi.Errorf(http.StatusConflict, "bucket %q is not empty: delete its objects first", name)
		}
		return tx.Bucket(bucketsKey).DeleteBucket([]byte(name))
	})
}

func (s *store) buckets() ([]string, error) {
	names := []string{}
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketsKey).ForEachBucket(func(name []byte) error {
			names = append(names, string(name))
			return nil
		})
	})
	return names, err
}

// list returns a page of objects, and the key after which the next page begins if
// there is one.
func (s *store) list(bucketName string, page httpapi.Page) (objects []Object, next string, err error) {
	objects = []Object{}
	err = s.db.View(func(tx *bbolt.Tx) error {
		b, err := bucket(tx, bucketName)
		if err != nil {
			return err
		}
		for key, value := range storage.Scan(b, page.Prefix, page.After) {
			if len(objects) == page.Limit {
				next = objects[len(objects)-1].Key
				return nil
			}
			var r record
			if err := json.Unmarshal(value, &r); err != nil {
				return fmt.Errorf("object %q: %w", key, err)
			}
			objects = append(objects, r.Object)
		}
		return nil
	})
	return objects, next, err
}

func (s *store) remove(bucketName, key string) error {
	var r *record
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b, err := bucket(tx, bucketName)
		if err != nil {
			return err
		}
		if r, err = mustFind(b, key); err != nil {
			return err
		}
		return b.Delete([]byte(key))
	})
	if err != nil {
		return err
	}
	s.used.Add(-r.Size)
	return s.release(r.Body)
}
