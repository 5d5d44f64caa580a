// Package misspelt has nothing else that was meant to be a directive.
package misspelt

// want +2 `this comment is not read`

//plgin:link
