"""What is served is the program that was written, without what only readers need."""

import re
import shutil
import subprocess

import pytest
from tree_sitter import Parser

from warung_client import ASSETS
from warung_client.packing import _stripped
from warung_client.stripping import JAVASCRIPT, ScriptFaultError, script, style

NODE = shutil.which("node")
COMMENT = re.compile(r" ?(?:\w+: )?\(comment\)")
OURS = sorted(path for path in ASSETS.rglob("*.js") if path.parent.name != "vendor")
# Where strippers go wrong: each line prints what it must still mean.
TRAPS = r"""
const say = (...all) => console.log(JSON.stringify(all)); // a "comment" with 'quotes' and `ticks`
const html = (parts, ...values) => parts.raw.map((part, at) => part + (values[at] ?? '')).join('');
let [a, b, g, i] = [12, 3, 2, 1];
/* nested templates */
say(`x  ${ `y  ${ a /* in */ + `z // no /* no */  ${ b }` }  w` }   ${a}  ${b}
    indented   line`);
say(html`<p class=${ `k  l` }  title="m  n">${ a && html`<b>  o, p </b>` } q, r</p>`);
say(`${'}'}  ${ { k: `}` }.k }  \`  \${ `, ` `, `${a} ${b}`, `
`);
/* a regular expression, or a division */
say(a / b / g, (a) / 2 / i, [a][0] / b, a /b/ g, a++ / 2);
say('a/b//c'.split(/[/]\/*/), 'x "y"'.match(/"[^"']+"/g));
say(/\/\*  \*\//.test('/*  */'), / +/.test('  '));
if (a) /x  y/.test('x  y') && say('after a bracket');
for (const re of [/a\//, /[\]/]  /]) say(String(re));
const typed = () => typeof /re/ === 'object' && void /  /; say(typed());
{ say('block') } /block  then/.test('') || say('regular expression after a block')
say({ v: 4 }.v / 2 / 1, `${a}` / 2, 'ab'.length /2/ 1);
/* where a semicolon is put in for the author */
let n = 1
let m = n
++n
say(n, m)
const plus = n
+ 1
say(plus)
;[1, 2].forEach((each) => say(each))
;(() => say('called'))()
const called = say
/* this one does not end it */ (a)
say(called ?? 'it was called')
const nothing = () => { return /*
*/ 1 }
say(nothing() ?? 'nothing was returned')
const also = () => { return // here too
  1 }
say(also() ?? 'nothing either')
const given = () => { return ( // not here
  1
) }
say(given())
do n++
while (n < 5) say(n)
let outer = 0
outer: for (const k of [1, 2]) { for (;;) { break
outer } say(k) }
class Kept {
  x = 1
  static s = 2
  get
  y() { return 3 }
  async
  *all() { yield 4 }
  #own = 5
  own() { return this.#own }
  'quoted' = 6; // and
  static { this.t = /*  */ 7 }
}
say(new Kept(), new Kept().y, Kept.s, Kept.t, new Kept().own())
/* signs that grow together */
let p = 1, q = 2; say(p + +q, p - -q, p + ++q, p - --q, p++ + q, +p, - -p, p +-+ q, !p, ! !p)
say(a ? .5 : 1, 1..toString(), 1 .toFixed(1), 1.0.toFixed(1), a ?.5:b, null ?. x)
say(a ?? .5, 0x1F, 1_0, 1n === 1n)
say(p < !--q, a >> 1 > b, a >= 1 ? 0 : 0)
/* words that grow together */
const { of, as: from, in : within } = { of: [1], as: 2, in: 3 };
for (const one of of) say(one, 'k' in { k: 1 }, typeof one, void 0, new Kept instanceof Kept);
say(within, from);
for (const one of[2]) say(one); for (const k in{ z: 1 }) say(k)
const f = async x => { await x; return[x] }; const gen = function* () { yield* [1]; yield/re/ };
f(1).then(say); say([...gen()].length); say((() => { if (a) return-1; else return 2 })())
/* strings */
say("a // b", 'c /* d */ e', "f \" // g", 'h \
i', "\\", "  ", '\u00e9  é', "</script>  <!--");
//# the last line is a comment without an end"""


def shape(source: bytes) -> str:
    """What a parser sees, without comments: where statements end is part of it."""
    root = Parser(JAVASCRIPT).parse(source).root_node
    assert not root.has_error
    return COMMENT.sub("", str(root))


def ran(source: bytes) -> str:
    """What a program prints in another engine than the one that stripped it."""
    assert NODE
    done = subprocess.run(
        [NODE, "--input-type=module"], input=source, capture_output=True, timeout=10, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[:2000]
    return done.stdout.decode()


@pytest.mark.skipif(NODE is None, reason="needs Node: apt-get install -y nodejs")
def test_a_program_full_of_traps_means_the_same():
    source = TRAPS.encode()
    printed = ran(source)
    assert printed.count("\n") > 30
    assert ran(script(source)) == printed
    assert script(script(source)) == script(source)
    assert b"in */" not in script(source)


@pytest.mark.skipif(NODE is None, reason="needs Node: apt-get install -y nodejs")
@pytest.mark.parametrize(
    ("pattern", "put"),
    [
        (r"//[^\n]*", ""),  # takes the end of a string for a comment
        (r"/\*.*?\*/", " "),  # loses the line's end inside a comment, and a sentence's stars
        (r"[ ]{2,}", " "),  # changes what a template says
        (r"\n(?=\+\+)", " "),  # joins two statements
    ],
)
def test_a_stripper_by_patterns_is_found_out(pattern, put):
    source = TRAPS.encode()
    damaged = re.sub(pattern.encode(), put.encode(), source, flags=re.DOTALL)
    try:
        same = ran(damaged) == ran(source)
    except (AssertionError, subprocess.TimeoutExpired):
        same = False  # it is no program any more, or one without an end
    assert not same


def test_each_script_keeps_its_shape_and_loses_its_comments():
    assert len(OURS) > 100
    for path in OURS:
        source = path.read_bytes()
        small = script(source)
        assert shape(small) == shape(source), path
        assert "(comment)" not in str(Parser(JAVASCRIPT).parse(small).root_node), path


@pytest.mark.parametrize("source", [b"const a = ;", b"`${", b"const a = '\0';"])
def test_what_is_no_script_is_told_and_served_as_it_was_written(source):
    with pytest.raises(ScriptFaultError):
        script(source)
    faults: list[str] = []
    assert _stripped("a.js", source, faults) == source
    assert faults == ["a.js: cannot be read as JavaScript"]
    assert _stripped("vendor/a.js", source, faults) == source
    assert len(faults) == 1


def test_a_sheet_means_the_same():
    sheet = """
    /* said: "x" */ .a > .b , .c :hover:not(.d) { content: "/* kept */  ; }" ; color : red;
      width: calc(1px + 2 * (3px - 1px)); font: 1rem/1.3 "Noto  Sans", 'it''s' }
    @media (min-width: 760px) and (max-width:  9rem) { .e + .f ~ .g::after { margin: 0 -1px } }
    """
    assert style(sheet) == (
        '.a>.b,.c :hover:not(.d){content:"/* kept */  ; }";color :red;'
        "width:calc(1px + 2 * (3px - 1px));font:1rem/1.3 \"Noto  Sans\",'it''s'}"
        "@media (min-width:760px) and (max-width:9rem){.e + .f ~ .g::after{margin:0 -1px}}"
    )
