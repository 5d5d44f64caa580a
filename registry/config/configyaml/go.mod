module github.com/plugingen/plugingen/registry/config/configyaml

go 1.26.0

require (
	github.com/matryer/is v1.4.1
	github.com/plugingen/plugingen v0.0.0
	go.yaml.in/yaml/v4 v4.0.0
)

replace github.com/plugingen/plugingen => ../../..
