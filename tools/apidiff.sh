#!/bin/sh
# Compares what packages export that programs or generated files use with a commit or tag: the
# first argument, or else the last tag. It prints all changes, and fails if one is incompatible.
# Run it as "make apidiff", which builds apidiff and passes its path as $APIDIFF.
set -eu
cd "$(dirname "$0")/.."

base=${1:-$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)}
if [ -z "$base" ]; then
	echo "there is no release yet: nothing to compare with"
	exit
fi
if ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
	echo "there is no commit or tag $base" >&2
	exit 2
fi

# Packages that promise compatibility: see the documentation of registry. Generated files of
# other modules use registry/generated.
packages="
registry
registry/config
registry/config/watch
registry/config/configtoml
registry/config/configyaml
registry/generated
registry/generated/pattern
"

tmp=$(mktemp -d)
trap 'git worktree remove --force "$tmp/base" 2>/dev/null; rm -rf "$tmp"' EXIT
git worktree add --quiet --detach "$tmp/base" "$base"

export GOWORK=off
failed=0
for p in $packages; do
	if ! [ -d "$tmp/base/$p" ]; then
		echo "$p: new"
		continue
	fi
	if ! [ -d "$p" ]; then
		echo "$p: was removed"
		failed=1
		continue
	fi
	path=$(cd "$tmp/base/$p" && go list .)
	(cd "$tmp/base/$p" && "$APIDIFF" -w "$tmp/old" "$path")
	(cd "$p" && "$APIDIFF" "$tmp/old" "$path") >"$tmp/all"
	(cd "$p" && "$APIDIFF" -incompatible "$tmp/old" "$path") >"$tmp/incompatible"
	if [ -s "$tmp/all" ]; then
		echo "$p:"
		awk '!seen[$0]++' "$tmp/all" # a change of a generic type is there once for each use
	fi
	if [ -s "$tmp/incompatible" ]; then
		failed=1
	fi
done
if [ "$failed" = 1 ]; then
	echo "what is exported has changed incompatibly since $base: only a new minor version of v0, or a new major version, may have that"
fi
exit $failed
