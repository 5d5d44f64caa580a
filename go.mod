module github.com/plugingen/plugingen

go 1.26.0
