"""Scripts and styles without what only readers need: comments, indentation, spare spaces."""

import re
from collections.abc import Iterator

import tree_sitter_javascript
from tree_sitter import Language, Parser, Query, QueryCursor

JAVASCRIPT = Language(tree_sitter_javascript.language())
# What is kept letter by letter: pieces of strings and templates, and regular expressions.
LITERALS = Query(
    JAVASCRIPT, "(string_fragment) @kept (escape_sequence) @kept (regex) @kept (comment) @comment"
)
HELD = b"\0"  # stands for a literal while the space around it goes
SPACE = re.compile(rb"[ \t\r\n]+")
# Around these a space says nothing; behind and before some a line's end says nothing either,
# wherever a semicolon might be put in for the author.
LINE_END = re.compile(rb"(?<=[{(\[;,])\n|\n(?=[})\].])")
TIGHT = re.compile(rb" ?(=>|[=!]==|&&|\|\||[{}()\[\];,:=]) ?")
SHEET = re.compile(
    r"""(?P<kept>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/|\s*(?P<mark>[{};,>])\s*|(?P<colon>:)\s+"""
    r"|(?P<space>\s+)",
    re.DOTALL,
)


class ScriptFaultError(ValueError):
    """This is no JavaScript, or holds a byte that no script has."""


def script(source: bytes) -> bytes:
    """The same program: the same words and literals in the same order, line ends where they count.

    Raises ScriptFaultError.
    """
    tree = Parser(JAVASCRIPT).parse(source)
    if tree.root_node.has_error or HELD in source:
        raise ScriptFaultError("cannot be read as JavaScript")
    found = QueryCursor(LITERALS).captures(tree.root_node)
    marks = [(node, name) for name, nodes in found.items() for node in nodes]
    held: list[bytes] = []
    code = b"".join(_code(source, sorted(((n.start_byte, n.end_byte, k) for n, k in marks)), held))
    code = SPACE.sub(lambda gap: b"\n" if b"\n" in gap[0] else b" ", code)
    code = TIGHT.sub(rb"\1", LINE_END.sub(b"", code))
    literals = iter(held)
    return re.sub(re.escape(HELD), lambda _found: next(literals), code).strip()


def _code(source: bytes, marks: list[tuple[int, int, str]], held: list[bytes]) -> Iterator[bytes]:
    """What lies between literals; a comment leaves the space or the line's end that it was."""
    end = 0
    for start, after, name in marks:
        yield source[end:start]
        text, end = source[start:after], after
        if name == "kept":
            held.append(text)
            yield HELD
        else:
            yield b"\n" if b"\n" in text else b" "
    yield source[end:]


def style(source: str) -> str:
    """The same sheet. A space before a colon stays: there it is a descendant."""

    def shorter(found: re.Match[str]) -> str:
        if found["kept"]:
            return found["kept"]
        return found["mark"] or found["colon"] or (" " if found["space"] else "")

    return SHEET.sub(shorter, source).replace(";}", "}").strip()
