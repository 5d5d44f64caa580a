package main

import (
	_ "apart/a"
	_ "apart/b"
	_ "apart/c"
)

//plugin:link packages=apart/... exclude=other // want `plugin apart:x is declared twice` `plugin apart:short is declared twice` `plugin apart:x: declared at apart/b/b.go:4:6, it requires nowhere`

func main() {}
