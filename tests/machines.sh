#!/usr/bin/env bash
# Runs the machine tests. If up to three fail, they run once more, alone: machines share two cores with everything else,
# and a time limit that ran out proves nothing. A test that passes only then is named at the end as a test to fix; one
# that fails again fails.
#   usage: tests/machines.sh THREADS [FILTER]...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
threads=$1
shift
machines=(cargo test --locked --workspace --exclude pam_sspr --test machines --)
said=$(mktemp)
trap 'rm -f "$said"' EXIT

"${machines[@]}" --test-threads="$threads" "$@" 2>&1 | tee "$said" && exit
mapfile -t failed < <(sed -n 's/^test \([^ ]*\) \.\.\. FAILED$/\1/p' "$said")
if [ ${#failed[@]} -eq 0 ] || [ ${#failed[@]} -gt 3 ]; then exit 1; fi
echo "== once more, by themselves: ${failed[*]}"
options=()
for argument in "$@"; do [[ $argument != --* ]] || options+=("$argument"); done
"${machines[@]}" --test-threads=1 "${options[@]}" --exact "${failed[@]}"
echo "== passed at the second try only, mend the test: ${failed[*]}"
