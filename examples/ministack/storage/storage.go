// Package storage keeps the data of a service in a file: a bbolt database.
//
// What a transaction has committed survives a crash of the program and of the
// machine. A service therefore acknowledges nothing before its commit.
package storage

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrClosed is what transactions return once the database is closed.
var ErrClosed = bolterrors.ErrDatabaseNotOpen

// lockWait is how long a program that is just ending has to let go of the file.
const lockWait = time.Second

// Open opens the database in a file, which it makes if there is none. Two programs
// can't have it open at a time.
func Open(path string) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another data directory", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := sync(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Scan returns the entries whose keys have the prefix and come after the key
// after, in the order of their keys.
func Scan(b *bbolt.Bucket, prefix, after string) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		cursor := b.Cursor()
		key, value := cursor.Seek([]byte(max(prefix, after)))
		if after != "" && string(key) == after {
			key, value = cursor.Next()
		}
		for key != nil && bytes.HasPrefix(key, []byte(prefix)) && yield(key, value) {
			key, value = cursor.Next()
		}
	}
}

// Delete removes the keys.
func Delete(b *bbolt.Bucket, keys [][]byte) error {
	for _, key := range keys {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
