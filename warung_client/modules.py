"""The till's ES modules: what each imports and exports, and how several become one file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath, relpath

# Statements of our own sources start their line; inside a comment or a template they never do.
IMPORT = re.compile(
    r"^import\s+(?:(?:\{(?P<names>[^}]*)\}|\*\s+as\s+(?P<whole>\w+))\s*from\s*)?"
    r"(?P<quote>['\"])(?P<from>[^'\"]+)(?P=quote);?",
    re.MULTILINE,
)
HANDED_ON = re.compile(
    r"^export\s*\{(?P<names>[^}]*)\}\s*from\s*(?P<quote>['\"])(?P<from>[^'\"]+)(?P=quote);?",
    re.MULTILINE,
)
# A published file is one long line: its list stands at the very end.
LISTED = re.compile(r"(?:^|(?<=[;}]))export\s*\{(?P<names>[^}]*)\}\s*;?\s*$", re.MULTILINE)
DECLARED = re.compile(
    r"^export\s+(?P<kind>async\s+function\*?|function\*?|const|class)\s+(?P<name>[\w$]+)",
    re.MULTILINE,
)
UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
LATER = re.compile(r"\bimport\(\s*(?P<quote>['\"])(?P<from>\.[^'\"]+)(?P=quote)\s*\)")
COMMENT = re.compile(r"/\*\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)


class ModuleFaultError(ValueError):
    """A module says something that cannot be joined; the message names the file."""


@dataclass(frozen=True)
class Module:
    """One source file, named as under the till's folder."""

    name: str
    source: str

    @property
    def needs(self) -> list[str]:
        """What it imports at once, in the order of the statements."""
        found = [*IMPORT.finditer(self.source), *HANDED_ON.finditer(self.source)]
        found.sort(key=lambda match: match.start())
        return [self.path_of(match["from"]) for match in found]

    @property
    def opens_later(self) -> list[str]:
        """What it imports when somebody asks for it."""
        return [self.path_of(m["from"]) for m in LATER.finditer(COMMENT.sub("", self.source))]

    def path_of(self, specifier: str) -> str:
        """A relative specifier as a name under the till's folder."""
        return normpath(join(dirname(self.name), specifier))


@dataclass(frozen=True)
class Layout:
    """Where modules are found when they are served: joined files by name, all by version."""

    version: str
    homes: Mapping[str, tuple[str, str]]  # module: the joined file it lies in, its name there

    def address(self, folder: str, name: str) -> str:
        """A file as a module of this folder writes it."""
        path = relpath(name, folder or ".")
        return f"{path if path.startswith('.') else f'./{path}'}?v={self.version}"

    def later(self, folder: str, name: str) -> str:
        """The expression that fetches a module when somebody asks."""
        file, place = self.homes.get(name, (name, ""))
        fetched = f"import('{self.address(folder, file)}')"
        return f"{fetched}.then((all)=>all.{place})" if place else fetched


def closure(modules: Mapping[str, Module], *starts: str) -> list[str]:
    """These and all they need at once, each after what it needs itself.

    Raises ModuleFaultError for a circle or a file that is not there.
    """
    done: list[str] = []
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        if name in under_way:
            raise ModuleFaultError(f"modules import each other in a circle: {under_way} {name}")
        if name not in modules:
            raise ModuleFaultError(f"{under_way[-1:]} imports {name}, which is not there")
        under_way.append(name)
        for needed in modules[name].needs:
            visit(needed)
        under_way.remove(name)
        done.append(name)

    for start in starts:
        visit(start)
    return done


def joined(modules: Mapping[str, Module], names: list[str], layout: Layout) -> str:
    """Several modules as one that exports each of them as an object; each keeps its own scope.

    `names` in the order of `closure`. What lies in another joined file is taken from there.
    Raises ModuleFaultError.
    """
    own = layout.homes[names[0]][0]
    others: dict[str, list[str]] = {}
    for needed in dict.fromkeys(each for name in names for each in modules[name].needs):
        if needed not in layout.homes:
            raise ModuleFaultError(f"{needed} is needed by a joined file and lies in none")
        file, variable = layout.homes[needed]
        if file != own:
            others.setdefault(file, []).append(variable)
    taken = "".join(
        f"import{{{','.join(places)}}}from'{layout.address('', file)}';"
        for file, places in others.items()
    )
    place = _places(layout)
    parts = []
    for name in names:
        body, given = _body(modules[name], place, layout)
        parts.append(f"const {place[name]}=(()=>{{{body}\nreturn {{{','.join(given)}}};}})();")
    return taken + "".join(parts) + f"export{{{','.join(place[name] for name in names)}}};"


def stand_in(module: Module, layout: Layout) -> str:
    """Under the name of a joined module: what it exports, from where it lies now."""
    file, place = layout.homes[module.name]
    names = ",".join(each.split(":")[0] for each in _body(module, _places(layout), layout)[1])
    address = layout.address(dirname(module.name), file)
    return f"import{{{place}}}from'{address}';export const {{{names}}}={place};"


def _places(layout: Layout) -> dict[str, str]:
    return {name: variable for name, (_file, variable) in layout.homes.items()}


def pointed(module: Module, layout: Layout) -> str:
    """A module that stays by itself: it takes what is joined from there; names carry a version."""
    folder = dirname(module.name)

    def taken(match: re.Match[str]) -> str:
        target = module.path_of(match["from"])
        if target not in layout.homes:
            return match[0].replace(match["from"], layout.address(folder, target))
        file, place = layout.homes[target]
        # each statement under a name of its own: a module may import one file twice
        own = f"{place}_{match.start()}"
        start = f"import {{{place} as {own}}} from '{layout.address(folder, file)}';"
        return start + _constants(match, own)

    def handed_on(match: re.Match[str]) -> str:
        target = module.path_of(match["from"])
        if target not in layout.homes:
            return f"export {{{match['names']}}} from '{layout.address(folder, target)}';"
        file, place = layout.homes[target]
        start = f"import {{{place}}} from '{layout.address(folder, file)}';"
        return f"{start}export const {{{_renamed(match['names'])}}}={place};"

    source = HANDED_ON.sub(handed_on, IMPORT.sub(taken, module.source))
    return _asked_later(source, module, folder, layout)


def _asked_later(source: str, module: Module, folder: str, layout: Layout) -> str:
    return LATER.sub(lambda match: layout.later(folder, module.path_of(match["from"])), source)


def _constants(match: re.Match[str], source: str) -> str:
    if match["whole"]:
        return f"const {match['whole']}={source};"
    if match["names"] is None:
        return ""
    return f"const {{{_renamed(match['names'])}}}={source};"


def _renamed(names: str) -> str:
    """`a, b as c` of an import as the names of a destructured object."""
    return ",".join(_named(theirs, ours) for theirs, ours in _pairs(names))


def _named(theirs: str, ours: str) -> str:
    return theirs if theirs == ours else f"{theirs}:{ours}"


def _body(module: Module, place: Mapping[str, str], layout: Layout) -> tuple[str, list[str]]:
    """A module without imports and exports, and what it gives as `name` or `name:expression`."""
    given: list[str] = []

    def imported(match: re.Match[str]) -> str:
        return _constants(match, place[module.path_of(match["from"])])

    def handed_on(match: re.Match[str]) -> str:
        source = place[module.path_of(match["from"])]
        given.extend(f"{ours}:{source}.{theirs}" for theirs, ours in _pairs(match["names"]))
        return ""

    def listed(match: re.Match[str]) -> str:
        given.extend(_named(theirs, ours) for ours, theirs in _pairs(match["names"]))
        return ""

    def declared(match: re.Match[str]) -> str:
        given.append(match["name"])
        return f"{match['kind']} {match['name']}"

    source = IMPORT.sub(imported, module.source)
    source = HANDED_ON.sub(handed_on, source)
    source = LISTED.sub(listed, source)
    source = DECLARED.sub(declared, source)
    source = source.replace("import.meta.url", "$OWN")
    left = UNKNOWN.search(COMMENT.sub("", source))
    if left or "import.meta" in source:
        raise ModuleFaultError(f"{module.name}: cannot be joined: {(left or [source])[0][:80]}")
    source = source.replace("$OWN", f"new URL('./{module.name}',import.meta.url).href")
    return _asked_later(source, module, "", layout), given


def _pairs(names: str) -> list[tuple[str, str]]:
    """`a, b as c` as (a, a), (b, c)."""
    found = []
    for each in COMMENT.sub("", names).split(","):
        words = each.split()
        if words:
            found.append((words[0], words[-1]))
    return found
