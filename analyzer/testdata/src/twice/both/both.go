package both

import (
	_ "twice/a"
	_ "twice/b" // want `plugin twice:x is declared twice, at twice/a/a.go:4:6 and at twice/b/b.go:4:6: it is unique in a program` `plugin twice:y is declared twice` `twice/b.Contract is a second contract of namespace twice.contract, besides twice/a.Contract: keep one, or leave one out with exclude=twice/b`
)

//plugin:namespace=twice name=z
func Z() {} // want `plugin twice:z is declared already, at twice/a/a.go:7:6`
