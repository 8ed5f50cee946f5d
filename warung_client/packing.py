"""The till's files as a tablet gets them: joined, stripped, named by version, compressed once."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli

from warung_client.modules import (
    Layout,
    Module,
    ModuleFaultError,
    closure,
    joined,
    pointed,
    stand_in,
)
from warung_client.stripping import ScriptFaultError, script, style

ENTRY = "till.js"
PAGE = "index.html"
WORKER = "sw.js"
STYLE = "till.css"
STYLE_LATER = "later.css"
CRITICAL = "critical.js"
SALE = "sale-all.js"
# The rest of a sale, fetched together as soon as the first goods key stands there.
SALE_STARTS = (
    "sale.js", "screens/lines.js", "screens/pad.js", "screens/told.js",
    "screens/who.js", "screens/agree.js", "screens/result.js",
)  # fmt: skip
# What a till that starts without signal needs besides.
OFFLINE = "offline-all.js"
OFFLINE_STARTS = ("offline/start.js", "offline/screens/who.js", "offline/screens/agree.js")
# A module lies in the first group that needs it; each takes from those before, never the other way.
GROUPS = ((CRITICAL, "$m", (ENTRY,)), (SALE, "$s", SALE_STARTS), (OFFLINE, "$o", OFFLINE_STARTS))
VERSION_LETTERS = 12
TAG_LETTERS = 17  # of a file's ETag: enough to know the same file again
BEST_BROTLI_BYTES_MAX = 256 * 1024  # the slowest quality only where it takes no second
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".opus": "audio/ogg",
    ".txt": "text/plain; charset=utf-8",
}
UNPACKED = {".png", ".opus", ".jpg", ".webp"}  # packed already
TYPES = ".ts"  # for whoever checks the sources
NOT_KEPT = {".txt", ".toml"}  # licences and lists: served, never on the tablet
LINK = re.compile(r'[ \t]*<link rel="stylesheet" href="(?P<href>[^"]+)"(?P<rest>[^>]*)>\n')
SCRIPT = re.compile(r'[ \t]*<script type="module" src="till\.js"></script>\n')


@dataclass(frozen=True)
class Served:
    """One file with its compressed twins, each made once when it is first asked for."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """What the browser is told it is."""
        return MEDIA.get(Path(self.name).suffix, "application/octet-stream")

    @cached_property
    def etag(self) -> str:
        """Strong: another content, another tag."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    @cached_property
    def gzip(self) -> bytes | None:
        """None where it would not be smaller."""
        if Path(self.name).suffix in UNPACKED:
            return None
        packed = gzip.compress(self.content, 9, mtime=0)
        return packed if len(packed) < len(self.content) else None

    @cached_property
    def brotli(self) -> bytes | None:
        """None where it would not be smaller."""
        if Path(self.name).suffix in UNPACKED:
            return None
        quality = 11 if len(self.content) <= BEST_BROTLI_BYTES_MAX else 5
        packed: bytes = brotli.compress(self.content, quality=quality)
        return packed if len(packed) < len(self.content) else None


@dataclass(frozen=True)
class Shell:
    """All files of one version, in groups.

    `critical` is needed until the first goods key stands there, `later` by other screens of the
    till, `lazy` by single tools: scanner, sounds, models.
    """

    version: str
    files: Mapping[str, Served]
    critical: tuple[str, ...]
    later: tuple[str, ...]
    lazy: tuple[str, ...]
    faults: tuple[str, ...]


def pack(folder: Path) -> Shell:
    """Read the folder and make what is served of it. What cannot be joined is served as written."""
    raw = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != TYPES
    }
    version = _version(raw)
    modules = {
        name: Module(name, content.decode()) for name, content in raw.items() if _is_ours(name)
    }
    made = dict(raw)
    faults: list[str] = []
    layout = _joined_files(modules, made, version, faults)
    reached = _reached(modules, layout)
    for name, module in modules.items():
        if name not in layout.homes and name != WORKER and not name.startswith("vendor/"):
            made[name] = pointed(module, layout).encode()
    _join_styles(made, raw, version, with_critical=CRITICAL in made)
    sent = {name: content for name, content in made.items() if name not in layout.homes}
    critical, later, lazy = _groups(sent, reached)
    files = {name: Served(name, _stripped(name, content, faults)) for name, content in made.items()}
    groups = {"critical": critical, "later": later, "lazy": lazy}
    lists = {
        kind: [[name, files[name].etag[1:TAG_LETTERS]] for name in names]
        for kind, names in groups.items()
    }
    told = f"self.SHELL={json.dumps(lists | {'version': version})};\n".encode()
    files[WORKER] = Served(WORKER, told + files[WORKER].content)
    return Shell(version, files, tuple(critical), tuple(later), tuple(lazy), tuple(faults))


def _joined_files(
    modules: Mapping[str, Module], made: dict[str, bytes], version: str, faults: list[str]
) -> Layout:
    """Puts the joined files among what is served, in the place of what they hold."""
    layout = Layout(version, {})
    plans: list[tuple[str, str, list[str]]] = []
    try:
        placed = {ENTRY}
        for file, prefix, starts in GROUPS:
            present = [name for name in starts if name in modules]
            names = [name for name in closure(modules, *present) if name not in placed]
            placed.update(names)
            plans += [(file, prefix, names)] if names else []
        homes = {
            name: (file, f"{prefix}{number}")
            for file, prefix, names in plans
            for number, name in enumerate(names)
        }
        layout = Layout(version, homes)
        files = {file: joined(modules, names, layout).encode() for file, _, names in plans}
    except ModuleFaultError as fault:
        faults.append(str(fault))
        return Layout(version, {})
    made.update(files)
    for name in layout.homes:
        made[name] = stand_in(modules[name], layout).encode()
    return layout


def _version(raw: Mapping[str, bytes]) -> str:
    """The same files, the same version, on every machine."""
    known = hashlib.sha256()
    for name, content in raw.items():
        known.update(f"{name}\n{hashlib.sha256(content).hexdigest()}\n".encode())
    return known.hexdigest()[:VERSION_LETTERS]


def _is_ours(name: str) -> bool:
    return name.endswith(".js") and not name.endswith((".umd.js", ".umd.min.js"))


def _reached(modules: Mapping[str, Module], layout: Layout) -> list[str]:
    """What stays by itself, or joined with others, and some screen of the till opens."""
    found: set[str] = set()
    waiting = [ENTRY, *layout.homes]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in modules:
            continue
        seen.add(name)
        found.add(layout.homes.get(name, (name, ""))[0])
        waiting += [*modules[name].needs, *modules[name].opens_later]
    return sorted(found)


def _join_styles(
    made: dict[str, bytes], raw: Mapping[str, bytes], version: str, *, with_critical: bool
) -> None:
    """One sheet for the first screens, one for the rest (`data-later`), paper apart."""
    page = raw[PAGE].decode()
    sheets: dict[str, list[bytes]] = {STYLE: [], STYLE_LATER: []}
    papers = []
    for link in LINK.finditer(page):
        if "media=" in link["rest"]:
            papers.append(
                f'  <link rel="stylesheet" href="{link["href"]}?v={version}"{link["rest"]}>\n'
            )
            continue
        sheets[STYLE_LATER if "data-later" in link["rest"] else STYLE].append(
            made.pop(link["href"])
        )
    for name, parts in sheets.items():
        made[name] = b"\n".join(parts)
    preloads = [ENTRY, CRITICAL] if with_critical else [ENTRY]
    head = (
        f'  <link rel="stylesheet" href="{STYLE}?v={version}">\n'
        + "".join(f'  <link rel="modulepreload" href="{name}?v={version}">\n' for name in preloads)
        + "".join(papers)
        + f'  <script type="module" src="{ENTRY}?v={version}"></script>\n'
    )
    page = SCRIPT.sub(lambda _found: head, LINK.sub("", page))
    made[PAGE] = page.replace("<html ", f'<html data-version="{version}" ', 1).encode()


def _groups(
    made: Mapping[str, bytes], reached: Iterable[str]
) -> tuple[list[str], list[str], list[str]]:
    first = [PAGE, STYLE, CRITICAL, ENTRY, "icons/signs.svg", "icons/goods.svg", "icons/shop.svg"]
    critical = [name for name in first if name in made]
    sheets = [name for name in made if name.endswith((".css", ".webmanifest"))]
    later = sorted({*reached, *sheets} - set(critical))
    kept = [name for name in made if Path(name).suffix not in NOT_KEPT and name != WORKER]
    lazy = sorted(set(kept) - set(critical) - set(later))
    return critical, later, lazy


def _stripped(name: str, content: bytes, faults: list[str]) -> bytes:
    """Smaller, and the same: what others published is left as it was published."""
    if name.startswith("vendor/"):
        return content
    if name.endswith(".css"):
        return style(content.decode()).encode()
    if not name.endswith(".js"):
        return content
    try:
        return script(content)
    except ScriptFaultError as fault:
        faults.append(f"{name}: {fault}")
        return content
