// Package linked is a host that is no program: who knows when it is initialized?
package linked

import _ "tooearly/lib"

//plugin:link
