// Package gate has tests that fail when something has become more expensive. They count
// allocations, bytes and files, never time, so they say the same on every machine. A
// limit is what was counted when it was last written, and a little more; lower it when
// the count goes down.
package gate
