package main

import (
	_ "selection/a"
	_ "selection/b"
	_ "selection/c"
)

//plugin:link packages=selection/... exclude=other // want `plugin selection:x is declared twice` `plugin selection:short is declared twice` `plugin selection:x: declared at b.go:4:6 of package selection/b, it requires nowhere`

func main() {}
