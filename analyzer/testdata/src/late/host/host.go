package main

import (
	_ "late/api"
	_ "late/plug" // want `plugin late:bad, declared at plug.go:10:6 of package late/plug: \*plug.Bad does not satisfy api.Contract, the contract of its namespace: it has no method Do\n\twant Do\(int\)`
)

func main() {}
