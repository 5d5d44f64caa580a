package main

import (
	_ "apart/a"
	_ "apart/b"
)

//plugin:link namespaces=other.*

func main() {}
