# Each target does all of its own set-up; CONTRIBUTING.md says what has to be there.

# The modules that programs import, and those of the examples. Each is tested by itself, without the workspace.
modules = . registry/config/configtoml registry/config/configyaml analyzer/golangci examples/distributions/third examples/distributions/host examples/ministack/extras examples/ministack

linted = $(modules) bench docs/site

# The packages whose tests run commands as processes. A race detector in those
# processes finds nothing that the tests of gen, analyzer and registry do not,
# and makes them five times slower.
scenarios = ./cmd/... ./analyzer/driver/... ./internal/release/... ./docs

timeout = -timeout 10m
bin    := $(CURDIR)/bin
exe    := $(shell go env GOEXE)

plugingen     := $(bin)/plugingen$(exe)
pluginvet     := $(bin)/pluginvet$(exe)
golangci-lint := $(bin)/golangci-lint$(exe)
apidiff       := $(bin)/apidiff$(exe)

# step prints what a target does next.
step = @printf '\n== %s\n'

.PHONY: demo
demo: generate vet # generates, vets, builds and runs the example program through one scenario
	cd examples/ministack && GOWORK=off go build -o $(bin)/ministack ./cmd/ministack
	examples/ministack/demo.sh $(bin)/ministack

.PHONY: test
test: fresh vet build unit # every test of every module but those that build other people's tools

.PHONY: unit
unit:
	$(step) "tests, with the race detector"
	GOWORK=off go test -race $(timeout) $$(GOWORK=off go list ./... | grep -vxF "$$(GOWORK=off go list $(scenarios))")
	$(step) "scenarios"
	GOWORK=off go test $(timeout) $(scenarios)
	$(step) "examples"
	for m in $(filter-out .,$(modules)); do (cd $$m && GOWORK=off go test -race $(timeout) ./...) || exit 1; done
	$(step) "the gate of the benchmarks"
	$(MAKE) -C bench test

.PHONY: test-short
test-short: # what is worth running after each edit: less than a minute
	GOWORK=off go test -short $(timeout) ./...

.PHONY: integration
integration: # golangci-lint and nogo, built with the analyzer in them; takes minutes
	$(step) "golangci-lint and nogo"
	cd analyzer/integration && GOWORK=off go vet ./... && GOWORK=off go test $(timeout) ./...

.PHONY: generate
generate: $(plugingen)
	$(plugingen) ./...

.PHONY: check
check: fresh lint # fails if a generated file is out of date, or the linters have something to say

.PHONY: fresh
fresh: $(plugingen) # fails if a generated file is out of date, in the workspace or in a module by itself
	$(step) "generated files"
	$(plugingen) check ./...
	for m in $(modules); do (cd $$m && GOWORK=off $(plugingen) check ./...) || exit 1; done
	cd examples/ministack/cmd/ministack && export GOWORK=off && \
		$(plugingen) schema -check -o ../../ministack.schema.json && \
		$(plugingen) docs -check -o ../../CONFIG.md && \
		$(plugingen) example -check -schema ./ministack.schema.json -o ../../example.toml

.PHONY: lint
lint: $(golangci-lint)
	$(step) "linters"
	for m in $(linted); do (cd $$m && GOWORK=off $(golangci-lint) run ./...) || exit 1; done
	cd tools && GOWORK=off go tool actionlint -shellcheck= -pyflakes= ../.github/workflows/*.yml

.PHONY: fix
fix: generate $(golangci-lint) # formats, generates, applies what linters suggest, and reports the rest
	$(step) "formatting and linters"
	status=0; for m in $(linted); do (cd $$m && GOWORK=off $(golangci-lint) run --fix ./...) || status=1; done; exit $$status

.PHONY: vet
vet: $(pluginvet) # the standard checks and ours
	$(step) "go vet and pluginvet"
	for m in $(modules); do \
		(cd $$m && GOWORK=off go vet ./... && GOWORK=off go vet -vettool=$(pluginvet) ./...) || exit 1; \
	done

.PHONY: build
build: # the examples, for every system
	$(step) "builds for linux, windows and darwin"
	for os in linux windows darwin; do \
		for m in $(modules); do (cd $$m && GOWORK=off GOOS=$$os go build -o /dev/null ./...) || exit 1; done \
	done

# Built anew each time: go build is quick when there is nothing to do.
.PHONY: $(plugingen) $(pluginvet)
$(plugingen) $(pluginvet):
	GOWORK=off go build -o $@ ./cmd/$(basename $(@F))

# The version that analyzer/integration requires.
$(golangci-lint): analyzer/integration/go.mod
	$(step) "building golangci-lint"
	cd analyzer/integration && GOWORK=off go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: apidiff
apidiff: $(apidiff) # fails if what programs use has changed incompatibly since the last tag, or since BASE
	$(step) "changes of what is exported"
	APIDIFF=$(apidiff) tools/apidiff.sh $(BASE)

$(apidiff): tools/go.mod
	cd tools && GOWORK=off go build -o $@ golang.org/x/exp/cmd/apidiff

.PHONY: docs
docs: # the site, into docs/site/public; builds Hugo first, which takes minutes once
	$(step) "the site of the guides"
	cd docs/site && export GOWORK=off CGO_ENABLED=0 && go vet . && go test $(timeout) . && \
		go tool hugo --quiet --cleanDestinationDir

.PHONY: links
links: # follows the links to other sites, which needs a network
	GOWORK=off go test ./docs -count=1 -run TestExternalLinks -external

.PHONY: bench
bench: # measures this project beside others; takes a while
	$(MAKE) -C bench bench

.PHONY: release
release: # makes a release: make release VERSION=v0.1.0; with FLAGS=-n it only tries
	GOWORK=off go run ./internal/release $(FLAGS) $(VERSION)

.PHONY: clean
clean:
	rm -rf $(bin)
