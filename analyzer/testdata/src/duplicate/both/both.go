package both

import (
	_ "duplicate/a"
	_ "duplicate/b" // want `plugin duplicate:x is declared twice, at a.go:4:6 of package duplicate/a and at b.go:4:6 of package duplicate/b: it is unique in a program` `plugin duplicate:y is declared twice` `duplicate/b.Contract is a second contract of namespace duplicate.contract, besides duplicate/a.Contract: keep one, or leave one out with exclude=duplicate/b`
)

//plugin:namespace=duplicate name=z
func Z() {} // want `plugin duplicate:z is declared already, at a.go:7:6 of package duplicate/a`
