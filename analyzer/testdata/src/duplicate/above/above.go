// Package above has nothing to add to what both says.
package above

import _ "duplicate/both"
