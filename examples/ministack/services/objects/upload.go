package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"net/http"
	"time"

	"example.com/ministack/httpapi"
	"go.etcd.io/bbolt"
)

// An upload is a body on its way to become an object's.
type upload struct {
	id     bodyID
	chunks uint32 // how many are on disk
	size   int64
	hash   hash.Hash
}

// put stores an object with the key and content type of o. When it returns without
// an error, the object is on disk.
func (s *store) put(bucketName string, o Object, body io.Reader) (_ Object, created bool, err error) {
	if err := s.hasBucket(bucketName); err != nil {
		return o, false, err // before a long upload, not after
	}
	up := &upload{id: newBodyID(), hash: sha256.New()}
	last, err := s.receive(up, body)
	if err == nil {
		o.Size, o.SHA256 = up.size, hex.EncodeToString(up.hash.Sum(nil))
		o.Modified = time.Now().UTC()
		created, err = s.finish(bucketName, o, up, last)
	}
	if err != nil && up.chunks > 0 {
		err = errors.Join(err, s.discard(up.id))
	}
	return o, created, err
}

// receive puts all chunks of a body on disk but the last, which it returns.
func (s *store) receive(up *upload, body io.Reader) (last []byte, err error) {
	chunk := make([]byte, chunkSize)
	for {
		n, err := fill(chunk, body)
		up.size += int64(n)
		up.hash.Write(chunk[:n])
		if err == io.EOF {
			return chunk[:n], nil
		}
		if err != nil {
			return nil, err
		}
		if err := s.db.Update(func(tx *bbolt.Tx) error { return up.add(tx, chunk) }); err != nil {
			return nil, err
		}
		up.chunks++
	}
}

// fill reads until the chunk is full, or an error. Unlike [io.ReadFull], it keeps
// the end of a body, io.EOF, apart from a body that was cut off in the middle,
// for which net/http has io.ErrUnexpectedEOF.
func fill(chunk []byte, body io.Reader) (n int, err error) {
	for n < len(chunk) && err == nil {
		var read int
		read, err = body.Read(chunk[n:])
		n += read
	}
	return n, err
}

func (up *upload) add(tx *bbolt.Tx, chunk []byte) error {
	if len(chunk) == 0 {
		return nil
	}
	return tx.Bucket(chunksKey).Put(up.id.chunk(up.chunks), chunk)
}

// finish makes the upload an object, in the transaction of its last chunk.
func (s *store) finish(bucketName string, o Object, up *upload, last []byte) (created bool, err error) {
	var old *record
	var grown int64
	err = s.db.Update(func(tx *bbolt.Tx) error {
		b, err := bucket(tx, bucketName)
		if err != nil {
			return err
		}
		if old, err = find(b, o.Key); err != nil {
			return err
		}
		more := up.size
		if old != nil {
			more -= old.Size
		}
		// Transactions that write come one after the other: nobody else counts meanwhile.
		if quota, used := s.limits.quota.Load(), s.used.Load(); quota > 0 && more > 0 && used+more > quota {
			return httpapi.Errorf(http.StatusInsufficientStorage, "the object is too large: %d of %d bytes are used",
				used, quota)
		}
		s.used.Add(more)
		grown = more
		if err := up.add(tx, last); err != nil {
			return err
		}
		value, err := json.Marshal(record{o, up.id})
		if err != nil {
			return err
		}
		return b.Put([]byte(o.Key), value)
	})
	if err != nil {
		s.used.Add(-grown)
		return false, err
	}
	if old == nil {
		return true, nil
	}
	return false, s.release(old.Body)
}
