package main

import _ "requires/b"

//plugin:link // want `plugin req:three: declared at b.go:9:6 of package requires/b, it requires for, which does not exist` `it requires elsewhere:x, which does not exist` `it requires nope/x, which does not exist`

func main() {}
