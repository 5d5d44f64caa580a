package queue

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/ministack/httpapi"
	"example.com/ministack/storage"
	"go.etcd.io/bbolt"
)

// Each queue is a bucket of bbolt in queuesKey, with two buckets in it: messages by
// number, and an empty value for each message by the time at which it is due.
var (
	queuesKey   = []byte("queues")
	messagesKey = []byte("messages")
	dueKey      = []byte("due")
)

// A Message is what a receiver gets.
type Message struct {
	ID       uint64    `json:"id"`
	Body     string    `json:"body"`
	Sent     time.Time `json:"sent"`
	Received int       `json:"received"` // how often
	Receipt  string    `json:"receipt"`  // names this very delivery
}

// A record is a message on disk.
type record struct {
	Message
	Due time.Time `json:"due"` // when it can be received
}

type store struct {
	db     *bbolt.DB
	strict bool // nothing overtakes
	now    func() time.Time
}

func openStore(db *bbolt.DB, strict bool) (*store, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(queuesKey)
		return err
	})
	return &store{db, strict, time.Now}, err
}

func (s *store) makeQueue(name string) (created bool, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		if tx.Bucket(queuesKey).Bucket([]byte(name)) != nil {
			return nil
		}
		created = true
		b, err := tx.Bucket(queuesKey).CreateBucket([]byte(name))
		if err != nil {
			return err
		}
		if _, err := b.CreateBucket(messagesKey); err != nil {
			return err
		}
		_, err = b.CreateBucket(dueKey)
		return err
	})
	return created, err
}

func (s *store) removeQueue(name string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		if _, err := open(tx, name); err != nil {
			return err
		}
		return tx.Bucket(queuesKey).DeleteBucket([]byte(name))
	})
}

func (s *store) queues() ([]string, error) {
	names := []string{}
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(queuesKey).ForEachBucket(func(name []byte) error {
			names = append(names, string(name))
			return nil
		})
	})
	return names, err
}

// send puts a message at the end of a queue. When it returns without an error, the
// message is on disk.
func (s *store) send(name, body string) (id uint64, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		q, err := open(tx, name)
		if err != nil {
			return err
		}
		if id, err = q.messages.NextSequence(); err != nil {
			return err
		}
		now := s.now().UTC()
		return q.put(&record{Message{ID: id, Body: body, Sent: now}, now})
	})
	return id, err
}

// receive takes up to limit messages that are due, and makes each due again after
// a time in which its receiver can delete it.
func (s *store) receive(name string, limit int, visibility time.Duration) ([]Message, error) {
	messages := []Message{}
	if idle, err := s.idle(name); idle || err != nil {
		return messages, err
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		q, err := open(tx, name)
		if err != nil {
			return err
		}
		now := s.now().UTC()
		records, err := q.ready(now, limit, s.strict)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := q.unschedule(r); err != nil {
				return err
			}
			r.Received++
			r.Receipt = fmt.Sprintf("%d-%s", r.ID, rand.Text())
			r.Due = now.Add(visibility)
			if err := q.put(r); err != nil {
				return err
			}
			messages = append(messages, r.Message)
		}
		return nil
	})
	return messages, err
}

// idle says that nothing is there to receive. It spares those who poll an empty
// queue a write to the disk.
func (s *store) idle(name string) (idle bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		q, err := open(tx, name)
		if err != nil {
			return err
		}
		records, err := q.ready(s.now(), 1, s.strict)
		idle = len(records) == 0
		return err
	})
	return idle, err
}

// remove deletes the message that a receipt names, unless it has been received again.
func (s *store) remove(name, receipt string) error {
	number, _, _ := strings.Cut(receipt, "-")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return httpapi.Errorf(http.StatusBadRequest, "%q is not a receipt", receipt)
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		q, err := open(tx, name)
		if err != nil {
			return err
		}
		r, err := q.get(id)
		switch {
		case err != nil:
			return err
		case r == nil:
			return httpapi.Errorf(http.StatusNotFound, "the message of receipt %q has been deleted", receipt)
		case r.Receipt != receipt:
			return httpapi.Errorf(http.StatusConflict,
				"the message of receipt %q has been received again since", receipt)
		}
		return q.remove(r)
	})
}

// A queue is a queue in a transaction.
type queue struct{ messages, due *bbolt.Bucket }

func open(tx *bbolt.Tx, name string) (q queue, err error) {
	b := tx.Bucket(queuesKey).Bucket([]byte(name))
	if b == nil {
		return q, httpapi.Errorf(http.StatusNotFound, "there is no queue %q", name)
	}
	return queue{b.Bucket(messagesKey), b.Bucket(dueKey)}, nil
}

// ready returns the messages that can be received.
func (q queue) ready(now time.Time, limit int, strict bool) (records []*record, err error) {
	for id := range q.ids(strict) {
		r, err := q.get(id)
		if err != nil {
			return nil, err
		}
		if len(records) == limit || r.Due.After(now) {
			break // in either order, what follows has to wait too
		}
		records = append(records, r)
	}
	return records, nil
}

// ids returns the numbers of all messages: in the order in which they were sent if
// strict, otherwise in the order in which they are due.
func (q queue) ids(strict bool) iter.Seq[uint64] {
	b := q.due
	if strict {
		b = q.messages
	}
	return func(yield func(uint64) bool) {
		for key := range storage.Scan(b, "", "") {
			if !yield(binary.BigEndian.Uint64(key[len(key)-8:])) {
				return
			}
		}
	}
}

func (q queue) get(id uint64) (*record, error) {
	value := q.messages.Get(number(id))
	if value == nil {
		return nil, nil
	}
	r := new(record)
	if err := json.Unmarshal(value, r); err != nil {
		return nil, fmt.Errorf("message %d: %w", id, err)
	}
	return r, nil
}

func (q queue) put(r *record) error {
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := q.messages.Put(number(r.ID), value); err != nil {
		return err
	}
	return q.due.Put(dueAt(r), nil)
}

func (q queue) unschedule(r *record) error { return q.due.Delete(dueAt(r)) }

func (q queue) remove(r *record) error {
	if err := q.unschedule(r); err != nil {
		return err
	}
	return q.messages.Delete(number(r.ID))
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func dueAt(r *record) []byte {
	return binary.BigEndian.AppendUint64(number(uint64(r.Due.UnixNano())), r.ID)
}
