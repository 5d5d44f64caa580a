package main

import (
	_ "selection/a"
	_ "selection/b"
)

//plugin:link namespaces=other.*

func main() {}
