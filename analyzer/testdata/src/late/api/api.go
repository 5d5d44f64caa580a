package api

//plugin:namespace=late
type Contract interface{ Do(int) }
