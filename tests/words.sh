#!/usr/bin/env bash
# Finds words and turns that were corrected once and should not come back: in documents, texts, man pages and messages.
# CONTRIBUTING.md, "English", says what to write. Comments and tests are not searched. To check a text on standard
# input:
#   echo "Reset rests for this account" | tests/words.sh -
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# An extended regular expression (case is ignored); after the arrow, what to write instead.
words() {
    cat <<'WORDS'
\b(reset|self-service|account|question|it) (did not |does not )?rests?\b => is suspended
\bend(s|ed)? (the|its|their) rest\b => ends the suspension
\b(guessed|found) early\b => easy to guess
\b(keeps|kept) (it )?right\b => synchronized, not synchronized
\btoo old by now\b => has expired
\bmend(s|ed|ing)?\b => correct, fix
\block (is|was|taken) off\b|\btakes? the lock off\b => unlocked, unlocks
\bwhoever\b => a user who, anybody who
\bsomebody (who|whose|whom)\b => a user who, an attacker who
\bsomebody else's\b => another user's, another program's
\ball the same[,:]? (with|by|a)\b|\bin all the same\b => anyway, still
\bkeys alone\b => keys only
(file|value|key|it|\}|\)) is (no|none) (text|number|time|key|section|plain file)\b => is not a
\bworth nothing\b|\bgood for nothing\b => no longer works
\b(is|are|was|were) told of\b => is notified of
\b(become|becomes|became) files\b => is written to files
\bstands? (in|after|before|behind) (no|account|auth|pam_) => is in, comes after, comes before
\bslips? of the pen\b => a typo
\btakes? (it|this|that|all of it) back\b|\btake back\b => undo
\bgoes as it came\b => is removed if unchanged
\bturns? (people|users|it) away\b => refuses
\bmake sure whom\b|\bwhom it is for\b => who can use it
\b(give|gave) (it|them) to nobody\b => don't share it
\bsign in one day\b => ever can't sign in
\bthe same again:  => type it again
\bfill(ed)? (it|them) in anew\b => fill it in again
\b(set|take|took) (it|them|the drop-in|this) back\b|\bwas taken back\b => undo, undone
WORDS
}

documents() {
    # CONTRIBUTING.md quotes what to avoid; benchmarks.md is written by a program.
    sed '/^## English/,/^## To add a text/s/.*//' CONTRIBUTING.md | grep -nH --label CONTRIBUTING.md .
    grep -nH . README.md SECURITY.md CHANGELOG.md docs/{administrators-guide,architecture,directories,security}.md agent/texts/en.ftl \
        config/sspr.toml packaging/man/* packaging/debian/{NEWS,control} packaging/rpm/*.spec
}

# Texts in quotes, and comments that clap shows.
messages() {
    # shellcheck disable=SC2016 # awk's own dollars
    git ls-files -z 'agent/*.rs' 'config/*.rs' 'pam_sspr/*.rs' | grep -zvE 'tests|examples' | xargs -0 awk '
        /^#\[cfg\(test\)\]/ { nextfile }
        /^ *\/\/\// && FILENAME ~ /command\/|setup\/mod|doctor\/mod|arguments/ { print FILENAME ":" FNR ":" $0 }
        /^ *\/\// { next }
        {
            gsub(/\\"/, "\x27")
            count = split($0, part, "\"")
            text = ""
            for (i = within ? 1 : 2; i <= count; i += 2) text = text part[i] " "
            within = (count - 1 + within) % 2 && /\\$/
            if (text != "") print FILENAME ":" FNR ":" text
        }'
}

if [ "${1:-}" = - ]; then text=$(cat); else text=$(documents; messages); fi
found=0
while IFS= read -r line; do
    hits=$(grep -iE -e "${line%% => *}" <<<"$text") || continue
    found=1
    awk -v instead="${line#* => }" '{ print $0 "  [write: " instead "]" }' <<<"$hits"
done < <(words)
[ "$found" -eq 0 ] || { echo "words.sh: see CONTRIBUTING.md, English" >&2; exit 1; }
