package objects

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"example.com/ministack/storage"
	"go.etcd.io/bbolt"
)

// chunkSize is how much of a body is in memory, and in a transaction, at a time.
const chunkSize = 1 << 20

// A bodyID begins the keys of the chunks of a body. It is random, so that an
// upload that failed can't have shared it with one that did not.
type bodyID [16]byte

func newBodyID() (id bodyID) {
	rand.Read(id[:])
	return id
}

// bodyOf returns the body that a chunk belongs to.
func bodyOf(chunk []byte) bodyID { return bodyID(chunk[:16]) }

func (id bodyID) chunk(n uint32) []byte { return binary.BigEndian.AppendUint32(id[:], n) }

// MarshalText writes the id as it stands in records.
func (id bodyID) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(id[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (id *bodyID) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(id)) {
		return fmt.Errorf("body id %q has the wrong length", text)
	}
	_, err := hex.Decode(id[:], text)
	return err
}

// pins counts the readers of each body. A body whose object has gone is doomed: it
// stays until its last reader has ended.
type pins struct {
	mu     sync.Mutex
	counts map[bodyID]int
	doomed map[bodyID]bool
}

func (p *pins) add(id bodyID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts == nil {
		p.counts, p.doomed = map[bodyID]int{}, map[bodyID]bool{}
	}
	p.counts[id]++
}

// drop ends one reader's pin and reports whether the body is to be discarded now.
func (p *pins) drop(id bodyID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts[id]--; p.counts[id] > 0 {
		return false
	}
	doomed := p.doomed[id]
	delete(p.counts, id)
	delete(p.doomed, id)
	return doomed
}

// doom reports whether the body is to be discarded now, rather than by its last reader.
func (p *pins) doom(id bodyID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts[id] == 0 {
		return true
	}
	p.doomed[id] = true
	return false
}

// release removes a body that no record refers to any more, once nobody reads it.
func (s *store) release(id bodyID) error {
	if !s.pins.doom(id) {
		return nil
	}
	return s.discard(id)
}

func (s *store) discard(id bodyID) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		chunks := tx.Bucket(chunksKey)
		var keys [][]byte
		for key := range storage.Scan(chunks, string(id[:]), "") {
			keys = append(keys, bytes.Clone(key))
		}
		return storage.Delete(chunks, keys)
	})
}

// open returns an object and its body, to be closed.
func (s *store) open(bucketName, key string) (*Object, *body, error) {
	for {
		r, err := s.stat(bucketName, key)
		if err != nil {
			return nil, nil, err
		}
		s.pins.add(r.Body)
		b := &body{store: s, id: r.Body}
		// Until it was pinned, the body could be replaced and discarded. If the
		// object still has it, it was not, and now can't be.
		again, err := s.stat(bucketName, key)
		if err == nil && again.Body == r.Body {
			return &r.Object, b, nil
		}
		if err := b.Close(); err != nil {
			return nil, nil, err
		}
	}
}

// stat returns the record of an object.
func (s *store) stat(bucketName, key string) (r *record, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		b, err := bucket(tx, bucketName)
		if err != nil {
			return err
		}
		r, err = mustFind(b, key)
		return err
	})
	return r, err
}

// A body reads chunk by chunk. A transaction is open for one chunk only: one that
// waited for a slow client would keep the database from growing.
type body struct {
	store *store
	id    bodyID
	next  uint32
}

// copyTo writes the body to w.
func (b *body) copyTo(w io.Writer) (err error) {
	var chunk []byte
	for {
		if chunk, err = b.read(chunk[:0]); err != nil || len(chunk) == 0 {
			return err
		}
		if _, err := w.Write(chunk); err != nil {
			return err
		}
	}
}

// read appends the next chunk to buf.
func (b *body) read(buf []byte) ([]byte, error) {
	err := b.store.db.View(func(tx *bbolt.Tx) error {
		buf = append(buf, tx.Bucket(chunksKey).Get(b.id.chunk(b.next))...)
		return nil
	})
	b.next++
	return buf, err
}

// Close lets the store remove the body, if it has to.
func (b *body) Close() error {
	if b.store.pins.drop(b.id) {
		return b.store.discard(b.id)
	}
	return nil
}
