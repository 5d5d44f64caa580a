package storage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"go.etcd.io/bbolt"
)

func TestScan(t *testing.T) {
	is := is.New(t)
	db, err := Open(filepath.Join(t.TempDir(), "test.db"))
	is.NoErr(err)
	defer db.Close()
	is.NoErr(db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("b"))
		is.NoErr(err)
		for _, key := range []string{"a", "b/1", "b/2", "b/3", "c"} {
			is.NoErr(b.Put([]byte(key), nil))
		}
		scan := func(prefix, after string) (keys []string) {
			for key := range Scan(b, prefix, after) {
				keys = append(keys, string(key))
			}
			return keys
		}
		is.Equal(scan("", ""), []string{"a", "b/1", "b/2", "b/3", "c"})
		is.Equal(scan("b/", ""), []string{"b/1", "b/2", "b/3"})
		is.Equal(scan("b/", "b/1"), []string{"b/2", "b/3"})
		is.Equal(scan("b/", "b/2x"), []string{"b/3"}) // which is not there any more
		is.Equal(scan("b/", "a"), []string{"b/1", "b/2", "b/3"})
		is.Equal(scan("b/", "c"), nil)
		is.Equal(scan("", "c"), nil)
		return nil
	}))
}

func TestAFileIsOpenOnce(t *testing.T) {
	is := is.New(t)
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path)
	is.NoErr(err)
	_, err = Open(path)
	is.True(err != nil && strings.Contains(err.Error(), "in use by another program"))
	is.NoErr(db.Close())
	db, err = Open(path)
	is.NoErr(err)
	is.NoErr(db.Close())
}

func TestMakeDir(t *testing.T) {
	is := is.New(t)
	dir := filepath.Join(t.TempDir(), "a", "b")
	is.NoErr(MakeDir(dir))
	is.NoErr(MakeDir(dir))
	file := filepath.Join(dir, "file")
	is.NoErr(os.WriteFile(file, nil, 0o600))
	is.True(MakeDir(filepath.Join(file, "c")) != nil)
	is.True(MakeDir(file) != nil)
}
