package base

type inOtherBuild struct{ elsewhere }
