"""What is served names nothing before it is made: the minifier moves taken-apart values forward."""

import re

from warung_client import ASSETS
from warung_client.packing import pack

FIRST = re.compile(r"\bconst([{\[])")
LATER = re.compile(r",([A-Za-z_$][\w$]*)=(?![=>])")


def statement(text, start):
    """The declaration from here to its semicolon, and where its first value ends."""
    depth, quote, first_end, at = 0, "", None, start
    while at < len(text):
        letter = text[at]
        if quote:
            at += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "\"'`":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if not quote and depth == 0 and letter == "," and first_end is None:
            first_end = at
        if not quote and (depth < 0 or (depth == 0 and letter == ";")):
            break
        at += 1
    return text[start:at], first_end


def used_too_early(text):
    for found in FIRST.finditer(text):
        whole, first_end = statement(text, found.end() - 1)
        if first_end is None:
            continue
        first = text[found.end() - 1 : first_end].partition("=")[2]
        for name in LATER.findall(whole[first_end - found.end() + 1 :]):
            if re.search(rf"(?<![\w$.]){re.escape(name)}(?![\w$:=])", first):
                yield f"{name} in {whole[:80]}"


def test_no_value_is_used_before_it_is_made():
    files = pack(ASSETS).files
    ours = {name: file for name, file in files.items() if name.endswith(".js")}
    early = {
        name: found
        for name, file in ours.items()
        if not name.startswith("vendor/") and (found := [*used_too_early(file.content.decode())])
    }
    assert early == {}


def test_the_fault_is_seen():
    assert [*used_too_early("if(e)return;const{b:n}=e({k:t}),t=f();")]
    assert not [*used_too_early("const{b:n}=e({k:t}),o=f();")]
