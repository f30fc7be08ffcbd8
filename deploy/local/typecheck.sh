#!/bin/sh
# mypy --strict over every source and every test of the members named as arguments, and over the benchmarks.
# Test files of two folders may share a name, and mypy tells modules apart by name: each folder of tests is shown to it
# under a link named after its owner, and its answers are translated back.
set -eu

links=.mypy_cache/links
back=""
rm -rf "$links"
mkdir -p "$links"

show() { # show FILE_OR_FOLDER NAME
    ln -s "$PWD/$1" "$links/$2"
    back="$back;s|$links/$2|$1|g"
}

show conftest.py workspace_conftest.py
show tests workspace_tests
sources="bench"
for member in "$@"; do
    sources="$sources $member/src"
    if [ -n "$(find "$member/tests" -name '*.py' 2>/dev/null | head -n 1)" ]; then
        show "$member/tests" "$(basename "$member" | tr - _)_tests"
    fi
done

status=0
# shellcheck disable=SC2086
answer=$(MYPYPATH=$links .venv/bin/mypy $sources "$links"/* 2>&1) || status=$?
printf 'mypy: %s\n' "$(printf '%s' "$answer" | sed "${back#;}")"
exit "$status"
