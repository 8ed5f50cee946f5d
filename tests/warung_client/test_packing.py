"""What a tablet is sent: whole, small enough, one version, and the same program as the sources."""

import json
import re
import shutil
import subprocess

import pytest

from warung_client import ASSETS
from warung_client.modules import (
    Layout,
    Module,
    ModuleFaultError,
    closure,
    joined,
    pointed,
    stand_in,
)
from warung_client.packing import (
    CRITICAL,
    ENTRY,
    PAGE,
    SALE,
    SALE_STARTS,
    STYLE,
    STYLE_LATER,
    WORKER,
    pack,
)

NODE = shutil.which("node")
KIB = 1024
PATH_GZIP_MAX = 30 * KIB  # until the first goods key: page, style, joined modules, entry
SHELL_GZIP_MAX = 60 * KIB  # all that a sale at this till needs
LATER_GZIP_MAX = 200 * KIB  # menu, offline, shift, training: scripts and styles that come later
TOOLS_GZIP_MAX = 2_000 * KIB  # scanner, face gate, sounds: each comes when it is first used
FIRST = (PAGE, STYLE, CRITICAL, ENTRY)
READ_ALL = """
import vm from 'node:vm';
import { readFileSync } from 'node:fs';
for (let each = 0; each < COUNT; each += 1) {
  new vm.SourceTextModule(readFileSync(`${each}.js`, 'utf-8'), { identifier: `${each}` });
}
"""
SPECIFIER = re.compile(r"""(?:\bfrom|\bimport\(|^import|;import)\s*["'](\.[^"']+)["']""")
JOINED = {
    "a.js": """import { twice as t, NAME } from './deep/b.js';
import * as all from './c.js';
const own = 1;
export const said = `${t(2)} ${NAME} ${all.own} ${own}`;
""",
    "deep/b.js": """import { own } from '../c.js';
export function twice(x) { return x * own; }
export const NAME = 'b';
export { own as lent } from '../c.js';
""",
    "c.js": """// import { x } from './nowhere.js';
const own = 2;
export { own };
""",
}
APART = {
    "state.js": "let count = 0;\nexport const next = () => { count += 1; return count; };\n",
    "deep/late.js": """import { next } from '../state.js';
export const say = () => import('./alone.js').then(({ told }) => `late ${next()} ${told()}`);
""",
    "deep/alone.js": """import { next as more } from '../state.js';
export const told = () => `alone ${more()}`;
""",
    "entry.js": "import('./deep/late.js').then(({ say }) => say()).then(console.log)"
    ".then(() => import(`./${'state'}.js`)).then(({ next }) => console.log(next()));\n",
}
PRINTED = "console.log($m2.said, $m1.lent)"
NOT_JOINED = [
    "export default 1;\n",
    "export let x = 1;\n",
    "export * from './b.js';\n",
    "export const y = import.meta.env;\n",
]


@pytest.fixture(scope="module")
def shell():
    return pack(ASSETS)


def sent(shell, names):
    """Bytes over the wire with gzip."""
    return sum(len(shell.files[n].gzip or shell.files[n].content) for n in names)


def laid_out(names):
    return Layout("1", {name: ("joined.js", f"$m{number}") for number, name in enumerate(names)})


def test_every_module_could_be_joined_and_stripped(shell):
    assert shell.faults == ()


@pytest.mark.skipif(NODE is None, reason="needs Node: apt-get install -y nodejs")
def test_every_script_that_is_sent_can_be_read(shell, tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}')
    scripts = [name for name in shell.files if name.endswith(".js") and "vendor/" not in name]
    for number, name in enumerate(scripts):
        (tmp_path / f"{number}.js").write_bytes(shell.files[name].content)
    checked = READ_ALL.replace("COUNT", str(len(scripts)))
    (tmp_path / "read.js").write_text(checked)
    ran = subprocess.run(
        [NODE, "--experimental-vm-modules", "--no-warnings", "read.js"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, (ran.stderr, list(enumerate(scripts)))


def test_the_way_to_the_first_goods_key_is_short(shell):
    assert sent(shell, FIRST) <= PATH_GZIP_MAX, {n: sent(shell, [n]) for n in FIRST}


def test_a_sale_needs_a_small_shell(shell):
    names = (*FIRST, SALE, STYLE_LATER)
    assert sent(shell, names) <= SHELL_GZIP_MAX, {n: sent(shell, [n]) for n in names}
    assert all((ASSETS / name).is_file() for name in SALE_STARTS)


def test_what_comes_later_has_a_limit_too(shell):
    assert sent(shell, shell.later) <= LATER_GZIP_MAX
    assert sent(shell, shell.lazy) <= TOOLS_GZIP_MAX


def test_the_worker_keeps_every_file_once_and_nothing_else(shell):
    told = shell.files[WORKER].content.decode()
    lists = json.loads(re.match(r"self\.SHELL=(.*?);\n", told)[1])
    kept = [name for kind in ("critical", "later", "lazy") for name, _tag in lists[kind]]
    assert lists["version"] == shell.version
    assert len(set(kept)) == len(kept)
    assert set(kept) <= set(shell.files)
    assert WORKER not in kept
    assert not [name for name in kept if name.endswith((".txt", ".toml"))]
    for name in ("sounds/satu.opus", "words/jv.json", "manifest.webmanifest"):
        assert name in kept


def test_names_in_the_scripts_carry_the_version(shell):
    for name, served in shell.files.items():
        if not name.endswith(".js") or name.startswith("vendor/") or name == WORKER:
            continue
        for specifier in SPECIFIER.findall(served.content.decode()):
            assert specifier.endswith(f"?v={shell.version}"), (name, specifier)


def test_the_page_asks_for_versions_and_starts_with_the_critical_files(shell):
    page = shell.files[PAGE].content.decode()
    asked = re.findall(r'(?:href|src)="([^"]+\.(?:css|js)[^"]*)"', page)
    assert all(each.endswith(f"?v={shell.version}") for each in asked)
    assert f'data-version="{shell.version}"' in page
    assert page.count("modulepreload") == 2
    assert all(each.split("?")[0] in shell.files for each in asked)


def test_another_byte_is_another_version(tmp_path):
    copied = shutil.copytree(ASSETS, tmp_path / "static")
    first = pack(copied)
    assert pack(copied).version == first.version
    file = copied / "words.js"
    file.write_text(file.read_text(encoding="utf-8") + "// ", encoding="utf-8")
    assert pack(copied).version != first.version


def test_texts_between_tags_are_sent_as_they_were_written(tmp_path):
    """A stripper by patterns takes `, ` and `/* */` inside a nested template for code."""
    copied = shutil.copytree(ASSETS, tmp_path / "static")
    text = 'Ibu/Bapak  KPM, "satu" /* ya */ dua // tiga'
    (copied / "screens" / "probe.js").write_text(
        "import { html } from '../view.js';\n"
        f"export const Screen = (x) => html`<p>a, b ${{x && html`<b>{text}</b>`}} c, d</p>`;\n"
    )
    assert text.encode() in pack(copied).files["screens/probe.js"].content


def test_modules_joined_in_one_file_keep_their_own_names():
    modules = {name: Module(name, source) for name, source in JOINED.items()}
    names = closure(modules, "a.js")
    assert names == ["c.js", "deep/b.js", "a.js"]
    layout = laid_out(names)
    assert NODE
    ran = subprocess.run(
        [NODE, "--input-type=module", "-e", f"{joined(modules, names, layout)}{PRINTED}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert ran.stdout == "4 b 2 1 2\n"


def test_two_joined_files_and_one_apart_are_one_program(tmp_path):
    """A module that several share is one module, whichever file asks for it and when."""
    modules = {name: Module(name, source) for name, source in APART.items()}
    homes = {"state.js": ("first.js", "$m0"), "deep/late.js": ("second.js", "$s0")}
    layout = Layout("1", homes)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "first.js").write_text(joined(modules, ["state.js"], layout))
    (tmp_path / "second.js").write_text(joined(modules, ["deep/late.js"], layout))
    (tmp_path / "state.js").write_text(stand_in(modules["state.js"], layout))
    for name in ("entry.js", "deep/alone.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(pointed(modules[name], layout))
    assert NODE
    ran = subprocess.run(
        [NODE, "entry.js"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30
    )
    assert ran.stdout == "late 1 alone 2\n3\n"


@pytest.mark.parametrize("source", NOT_JOINED)
def test_what_cannot_be_joined_is_named(source):
    modules = {"a.js": Module("a.js", source), "b.js": Module("b.js", "export const x = 1;\n")}
    with pytest.raises(ModuleFaultError, match=r"a\.js"):
        names = closure(modules, "a.js")
        joined(modules, names, laid_out(names))


def test_a_circle_is_a_fault():
    modules = {
        "a.js": Module("a.js", "import { b } from './b.js';\nexport const a = 1;\n"),
        "b.js": Module("b.js", "import { a } from './a.js';\nexport const b = 1;\n"),
    }
    with pytest.raises(ModuleFaultError, match="circle"):
        closure(modules, "a.js")


def test_a_folder_that_cannot_be_joined_is_served_as_written(tmp_path):
    copied = shutil.copytree(ASSETS, tmp_path / "static")
    file = copied / "money.js"
    file.write_text(file.read_text(encoding="utf-8") + "\nexport let more = 1;\n", encoding="utf-8")
    packed = pack(copied)
    assert len(packed.faults) == 1
    assert "critical.js" not in packed.files
    assert "money.js" in packed.files
