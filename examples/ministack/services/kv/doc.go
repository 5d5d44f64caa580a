// Package kv is a key-value store: small values under keys, with versions.
//
//	GET    /keys          lists keys; ?prefix= &after= &limit=
//	PUT    /keys/{key...} sets the value of a key
//	GET    /keys/{key...} returns it
//	DELETE /keys/{key...} removes it
//
// Each change gives a key a version that no key ever had before; it is the ETag.
// PUT and DELETE heed If-Match ("the version that I know, or *, which is any") and
// PUT heeds If-None-Match: * ("only if there is none"), so that clients who change
// a key at the same time do not overwrite each other.
package kv
