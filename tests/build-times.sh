#!/usr/bin/env bash
# How long two commits take on this machine, as for someone who has just cloned them: nothing is built and there are no
# images, but crates and Debian's build packages are there. They run one after the other; the machine should do nothing
# else.
#   usage: tests/build-times.sh OLD NEW [demo | test | lint]...
# demo counts up to the first line of its story; lint runs after a test. Prints a table of seconds, and names the logs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
commits=("$(git rev-parse --short "$1^{commit}")" "$(git rev-parse --short "$2^{commit}")")
shift 2
[ $# -gt 0 ] || set -- demo test lint

work=$(mktemp -d)
logs=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SSPR_TEST_CACHE=$work/cache CARGO_INSTALL_ROOT=$work/installed CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
export PATH=$PATH:$work/installed/bin
unset CARGO_TARGET_DIR

cloned() { # COMMIT
    rm -rf "${work:?}"/*
    git clone --quiet . "$work/tree"
    cd "$work/tree"
    git checkout --quiet "$1"
    cargo fetch --quiet --locked
    make test-deps </dev/null >>"$logs/$1" 2>&1
}

# How many seconds a target took, or that it failed.
all_of() { # COMMIT TARGET
    local start=$SECONDS
    if make "$2" </dev/null >>"$logs/$1" 2>&1; then echo $((SECONDS - start)); else echo failed; fi
}

to_the_story() { # COMMIT
    local start=$SECONDS line story=failed
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$logs/$1"
        if [[ $story = failed && $line = "=== "* ]]; then story=$((SECONDS - start)); fi
    done < <(make demo </dev/null 2>&1)
    echo "$story"
}

test_and_lint() { # COMMIT PARTS
    if cloned "$1"; then
        all_of "$1" test
        [[ " $2 " != *" lint "* ]] || all_of "$1" lint
    fi
}

declare -A took
for commit in "${commits[@]}"; do
    for part in "$@"; do
        case $part in
            demo) took[$commit.demo]=$({ cloned "$commit" && to_the_story "$commit"; } || echo failed) ;;
            # Lint checks the packages that the tests have built.
            test | lint)
                if [ -z "${took[$commit.test]-}" ]; then
                    pair=$(test_and_lint "$commit" "$*")
                    mapfile -t both <<<"$pair"
                    took[$commit.test]=${both[0]:-failed} took[$commit.lint]=${both[1]-}
                fi
                ;;
        esac
    done
done

old=${commits[0]} new=${commits[1]}
printf '| seconds | %s | %s | ratio |\n|---|---|---|---|\n' "$old" "$new"
for part in "$@"; do
    one=${took[$old.$part]} two=${took[$new.$part]}
    ratio=-
    if [[ $one =~ ^[1-9][0-9]*$ && $two =~ ^[0-9]+$ ]]; then
        ratio=$(awk -v one="$one" -v two="$two" 'BEGIN { printf "%.2f", two / one }')
    fi
    printf '| make %s | %s | %s | %s |\n' "$part" "$one" "$two" "$ratio"
done
echo "logs: $logs"
