#!/usr/bin/env bash
# phonenumbers 9.0.43 (PyPI; the metadata of libphonenumber): an international number that lost its plus, as spreadsheets make of
# every number that looks like one, is mostly still "valid" under another country. 447911123456, a British mobile number, read with the
# default region DE, is a valid German landline. Whoever imports it under a default region sends the code to a stranger, and is_valid_number
# says nothing. The script takes the library's own example of a mobile number of each region, without its plus, and reads it as German.
#
# Output seen:
#   447911123456 under DE: +49447911123456, valid, fixed line
#   mobile examples of other regions that are valid under DE without their plus: 209 of 243
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install phonenumbers==9.0.43
"$work/venv/bin/python" - <<'PY' | tee "$work/seen"
import phonenumbers as p

def bare(region):
    example = p.example_number_for_type(region, p.PhoneNumberType.MOBILE)
    return example and p.format_number(example, p.PhoneNumberFormat.E164)[1:]

def as_german(text):
    try:
        number = p.parse(text, "DE")
    except p.NumberParseException:
        return None
    return number if p.is_valid_number(number) and number.country_code == 49 else None

british = as_german("447911123456")
kind = {v: k for k, v in vars(p.PhoneNumberType).items() if isinstance(v, int)}[p.number_type(british)]
print("447911123456 under DE:", p.format_number(british, p.PhoneNumberFormat.E164) + ", valid,", kind.replace("_", " ").lower())
texts = [bare(r) for r in p.SUPPORTED_REGIONS if r != "DE"]
texts = [t for t in texts if t]
print("mobile examples of other regions that are valid under DE without their plus:",
      sum(as_german(t) is not None for t in texts), "of", len(texts))
PY
grep -qx '447911123456 under DE: +49447911123456, valid, fixed line' "$work/seen"
grep -qx 'mobile examples of other regions that are valid under DE without their plus: 209 of 243' "$work/seen"
