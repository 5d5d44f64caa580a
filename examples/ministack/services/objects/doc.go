// Package objects is an object store: buckets of objects, each a key and a body of
// any size that fits on the disk.
//
//	PUT    /{bucket}          makes a bucket
//	GET    /                  lists the buckets
//	GET    /{bucket}          lists objects; ?prefix= &after= &limit=
//	DELETE /{bucket}          removes an empty bucket
//	PUT    /{bucket}/{key...} stores an object
//	GET    /{bucket}/{key...} returns it; HEAD describes it
//	DELETE /{bucket}/{key...} removes it
//
// A body streams in both directions and is kept in chunks. An object appears when
// its last byte is on disk, and a reader goes on reading what it began to read,
// whatever happens to the object meanwhile.
package objects
