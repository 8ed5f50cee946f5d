"""PROOF.md from the figures of the last run: what was done and found, and what it does not say."""

# ruff: noqa: E501 - a page's rows stand in one line

from typing import Any

Report = dict[str, Any]


def wrong(report: Report) -> list[str]:
    """What must not have happened, in words; empty when everything held."""
    found: list[str] = []
    if cuts := report.get("cuts"):
        if cuts["full"]["spoilt"]:
            found.append(f"{cuts['full']['spoilt']} cuts lost something")
        if not cuts["normal"]["spoilt"]:
            found.append("the control of the power cuts found nothing")
    if linear := report.get("linear"):
        if linear["violations"] or linear["gave_up"]:
            found.append(f"{linear['violations']} violations, {linear['gave_up']} given up")
        if not all(linear["planted"].values()):
            found.append("a planted account was not found out")
    found += [
        f"{each['name']}: {each['uncaught']} uncaught, {each['hangs']} hangs"
        for each in report.get("fuzz", {}).get("readers", [])
        if each["uncaught"] or each["hangs"]
    ]
    for kind in ("sqlite", "postgresql"):
        storm = report.get("storms", {}).get(kind)
        if storm and storm["faults"]:
            found.append(f"{kind}: {storm['faults'][:3]}")
    missed = [e["name"] for e in report.get("planted", {}).get("mutants", []) if not e["caught"]]
    return found + [f"missed: {name}" for name in missed]


def page(report: Report) -> str:
    """The page, in Markdown."""
    parts = [HEAD]
    for name, words in (
        ("storms", _storms), ("cuts", _cuts), ("linear", _linear), ("fuzz", _fuzz), ("planted", _planted),
    ):  # fmt: skip
        if name in report:
            parts.append(words(report[name]) + _when(report[name]))
    held = wrong(report)
    parts.append(
        "## Verdict\n\n" + ("\n".join(f"* {each}" for each in held) or "Everything above held.")
    )
    versions = "\n".join(f"| {name} | {each} |" for name, each in report["versions"].items())
    parts += [LIMITS, f"## Made with\n\n| | |\n|---|---|\n{versions}"]
    return "\n\n".join(parts) + "\n"


def bound(trials: int) -> str:
    """The 3/n bound in words."""
    if not trials:
        return "nothing was tried"
    return f"at most 3 in {trials:,} with 95 % confidence"


def _when(part: Report) -> str:
    return (
        f"\n\nMeasured {part['at']}, seed {part['seed']}, {part['took_s']} s, "
        f"load average {part['load']} at the end."
    )


def _storms(part: Report) -> str:
    rows = []
    for kind in ("sqlite", "postgresql"):
        if kind in part:
            each = part[kind]
            rows.append(
                f"| {kind} | {each['kills']} ({each['backend_kills']} of one backend) | "
                f"{each['acknowledged']:,} | {each['duplicates']} | {each['unknown_asked_again']} | "
                f"{len(each['faults'])} | {each['restart_p99_s']} s |"
            )
    kills = sum(part[kind]["kills"] for kind in ("sqlite", "postgresql") if kind in part)
    acks = sum(part[kind]["acknowledged"] for kind in ("sqlite", "postgresql") if kind in part)
    return (
        "## Kill storms\n\nSixteen tills over HTTP, a synced journal each, SIGKILL every 0.5 to 1 s. "
        "Every unknown outcome was asked again before judging.\n\n"
        "| database | kills | acknowledged | sent twice on purpose | unknown, asked again | faults | "
        "restart to first answer, p99 |\n|---|---|---|---|---|---|---|\n" + "\n".join(rows)
        + f"\n\nWith no fault found, a kill does harm {bound(kills)}, an acknowledged purchase is lost "
        f"{bound(acks)}: a bound of what was tried, not a promise."
    )  # fmt: skip


def _cuts(part: Report) -> str:
    full, normal = part["full"], part["normal"]
    return (
        "## Power cuts\n\nThe engine's own write path on a disk that keeps, loses or tears unsynced "
        f"writes. synchronous=FULL, as shipped: **{full['cuts']:,} cuts, {full['spoilt']} spoilt**; "
        f"acknowledged purchases were looked for {full['judged']:,} times. A cut does harm "
        f"{bound(full['cuts'])}.\n\nControl, synchronous=NORMAL: {normal['spoilt']} of "
        f"{normal['cuts']} cuts lost something that was acknowledged, as they must."
    )


def _linear(part: Report) -> str:
    return (
        "## Order in time\n\nEight threads buy, give back and look at one account; a search (Wing and "
        f"Gong) looks for an order that fits. **{part['histories']:,} histories, "
        f"{part['operations']:,} operations, {part['violations']} violations**, "
        f"{part['gave_up']} given up; {part['refused']:,} purchases were refused for money.\n\n"
        f"Control: of 100 histories each, {part['planted']['race']} with a check-then-debit race and "
        f"{part['planted']['stale']} with stale reads were found out."
    )


def _fuzz(part: Report) -> str:
    rows = "\n".join(
        f"| {each['name']} | {each['inputs']:,} | {each['uncaught']} | {each['hangs']} | {each['slowest_s']} s |"
        for each in part["readers"]
    )
    inputs = sum(each["inputs"] for each in part["readers"])
    uncaught = sum(each["uncaught"] for each in part["readers"])
    return (
        f"## Almost right inputs\n\n**{inputs:,} inputs, {uncaught} uncaught.**\n\n"
        f"| reader | inputs | uncaught | over 1 s | slowest |\n|---|---|---|---|---|\n{rows}"
    )


def _planted(part: Report) -> str:
    rows = "\n".join(
        f"| {each['name']} | `{each['path']}` | `{each['check']}` | {'caught' if each['caught'] else 'MISSED'} |"
        for each in part["mutants"]
    )
    caught = sum(each["caught"] for each in part["mutants"])
    return (
        f"## Planted faults\n\n**{caught} of {len(part['mutants'])} caught**, each in a copy of the tree "
        f"(the list holds {part['listed']}); "
        f"each check was green there without its fault.\n\n"
        f"| fault | planted in | caught by | |\n|---|---|---|---|\n{rows}"
    )


HEAD = """# Proof

Made by `make proof-release` from its last run (`docs/proof-last.json`); do not edit. Each part says
when it ran, with which seed and under which load. Judges read only the database and the tills'
journals: acknowledged is exactly one row with the same bytes, refused took nothing, balances equal
postings, every movement sums to zero, nothing is negative, no accepted line is above its ceiling."""

LIMITS = """## What this does not prove

* It is one machine: no replica, no failover over a real network, no second data centre.
* The disk of the power cuts is simulated: a disk that says it synced and lies is not covered.
* With no fault in n independent trials the true rate lies below 3/n with 95 % confidence, and the
  trials of one seed are not fully independent. It is evidence, never certainty."""
