package main

import (
	_ "selection/a"
	_ "selection/c"
)

//plugin:link exclude=selection:long

func main() {}
