"""Planted faults: each is put into a copy of the tree, and the named check must turn red.

    python -m tests.proof.mutants [name ...]

A mutant is a name, a file, the exact text and what stands there instead, and the check that has to
catch it. A text that is not found once is an error: the list must follow the code. The check runs
on the copy without a fault first: a check that is red anyway catches nothing.
"""

# ruff: noqa: E501 - a list's rows stand in one line

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("pos_engine", "catalog", "biometrics", "warung_client", "tests", "docs", "pyproject.toml")
CHECK_S_MAX = 300
RULES, SERVICES, STORE = "pos_engine/rules", "pos_engine/services", "pos_engine/store"
POWER = "tests/proof/test_short.py::test_power_cuts"
LINEAR = "tests/proof/test_short.py::test_histories"


@dataclass(frozen=True)
class Mutant:
    """One planted fault."""

    name: str
    path: str
    text: str
    instead: str
    check: str  # a file of tests, or one test


MUTANTS = (
    Mutant("NORMAL instead of FULL", f"{STORE}/database.py", "synchronous=FULL", "synchronous=NORMAL", POWER),
    Mutant(
        "two commits: row, then money", f"{SERVICES}/record.py",
        "        _write_money(tx, facts.now, debits)\n",
        "        tx.connection.commit()\n        _write_money(tx, facts.now, debits)\n", POWER,
    ),
    Mutant(
        "debit without its postings", f"{SERVICES}/record.py",
        "ledger.post(tx, [_movement(each) for each in debits])", "ledger.post(tx, [])", POWER,
    ),
    Mutant(
        "answered before the commit's purchases", f"{SERVICES}/record.py",
        "        purchases.record(tx, fresh, rows)\n", "        purchases.record(tx, [], rows)\n", POWER,
    ),
    Mutant(
        "stale balance inside a batch", f"{SERVICES}/authorize.py",
        "        facts.spend(kpm_id, decision.draws)\n", "", LINEAR,
    ),
    Mutant(
        "returned money is not there", f"{STORE}/ledger.py",
        '.values(spent=wallet.c.spent - bindparam("amount"))', ".values(spent=wallet.c.spent)", LINEAR,
    ),
    Mutant(
        "same id decided twice", f"{SERVICES}/authorize.py",
        "facts.answered(request) or facts.opened.get(request.purchase_id)",
        "facts.opened.get(request.purchase_id)", "tests/services/test_authorize.py",
    ),
    Mutant(
        "other content under the same id", f"{SERVICES}/authorize.py",
        "same = claim.content == content and claim.shop_id == request.shop_id", "same = True",
        "tests/services/test_authorize.py",
    ),
    Mutant(
        "a payer token buys twice", f"{SERVICES}/authorize.py",
        "used = found.token is not None and found.token.token_id in facts.used_tokens", "used = False",
        "tests/services/test_authorize.py",
    ),
    Mutant(
        "a wrong PIN costs no try", f"{SERVICES}/payer.py",
        "reasons=(Reason.PIN_WRONG,)), stored.tries_left - 1",
        "reasons=(Reason.PIN_WRONG,)), stored.tries_left", "tests/services/test_authorize.py",
    ),
    Mutant(
        "PIN tries outside the transaction", f"{SERVICES}/record.py",
        "        proofs.set_pin_tries(tx, facts.pin_tries)\n", "", "tests/services/test_authorize.py",
    ),
    Mutant(
        "HET off by one", "catalog/price_book.py", "> ceiling * ratio.numerator",
        "> (ceiling + 1) * ratio.numerator", "tests/catalog/test_price_book.py",
    ),
    Mutant(
        "ceiling told and not enforced", f"{RULES}/basket.py",
        "            reason = Reason.PRICE_ABOVE_CEILING", "            reason = None",
        "tests/rules/test_basket.py",
    ),
    Mutant(
        "ban ignored", f"{RULES}/basket.py",
        "    if offer.judgement.verdict is not Verdict.OK:\n        reason =",
        "    if offer.judgement is None:\n        reason =", "tests/rules/test_basket.py",
    ),
    Mutant(
        "float rounding", f"{RULES}/money.py", "unit_price * quantity_milli // QUANTITY_MILLI_ONE",
        "round(unit_price * quantity_milli / QUANTITY_MILLI_ONE)", "tests/rules/test_money.py",
    ),
    Mutant(
        "expires_on off by a day", f"{RULES}/entitlement.py",
        "is TrancheStatus.OPEN and day <= self.expires_on", "is TrancheStatus.OPEN and day < self.expires_on",
        "tests/rules/test_properties.py tests/rules/test_decision.py",
    ),
    Mutant(
        "drawn newest first", f"{RULES}/entitlement.py",
        "(each.expires_on, each.period, each.wallet_id)):",
        "(each.expires_on, each.period, each.wallet_id), reverse=True):",
        "tests/rules/test_properties.py tests/rules/test_decision.py",
    ),
    Mutant(
        "double void", f"{RULES}/voids.py", "VoidReason.ALREADY_VOIDED: voided,",
        "VoidReason.ALREADY_VOIDED: False,", "tests/rules/test_voids.py",
    ),
    Mutant(
        "void gives back to the first tranche", f"{RULES}/voids.py",
        "    for each in reversed(drawn):", "    for each in drawn:", "tests/rules/test_voids.py",
    ),
    Mutant(
        "late capture of a hold", f"{RULES}/holds.py", "    if held.late(now):", "    if False:",
        "tests/rules/test_holds.py",
    ),
    Mutant(
        "capture above the hold", f"{RULES}/holds.py",
        "return HoldRefusal.HOLD_ABOVE if amount > held.amount else None", "return None",
        "tests/rules/test_holds.py",
    ),
    Mutant(
        "hold not released", f"{STORE}/holds.py", '            "amount": each.amount,\n            "taken"',
        '            "amount": 0,\n            "taken"', "tests/services/test_hold.py",
    ),
    Mutant(
        "expired allowance accepted", f"{RULES}/offline.py",
        "in_time = claim.received_at <= permit.not_after + ALLOWANCE_GRACE", "in_time = True",
        "tests/rules/test_offline.py",
    ),
    Mutant(
        "sold above the allowance", f"{RULES}/offline.py",
        "permit.spent + claim.amount > permit.amount_max", "permit.spent > permit.amount_max",
        "tests/rules/test_offline.py",
    ),
    Mutant(
        "another device's allowance", f"{RULES}/offline.py",
        "permit is None or permit.device_id != claim.device_id", "permit is None",
        "tests/rules/test_offline.py",
    ),
    Mutant(
        "fork accepted", f"{RULES}/offline.py",
        "return Place.NEXT if link.prev == chain.head else Place.FORK", "return Place.NEXT",
        "tests/rules/test_offline.py",
    ),
    Mutant(
        "audit leaf and node alike", f"{RULES}/merkle.py", 'sha256(b"\\x01" + left', 'sha256(b"\\x00" + left',
        "tests/rules/test_merkle.py",
    ),
    Mutant(
        "reversal not queued at the bank", f"{SERVICES}/returning.py",
        "        bank_calls.step_calls(tx, [step])\n", "", "tests/services/test_bank_purchase.py",
    ),
    Mutant(
        "swapped AAD: templates fit any person", f"{STORE}/templates.py",
        'return f"{person_id}|{model_id}|{version}"', 'return f"{model_id}|{version}"',
        "tests/services/test_faces.py tests/services/test_enrolment.py tests/biometrics/test_template.py",
    ),
    Mutant(
        "one officer approves his own run", f"{SERVICES}/disburse_credit.py",
        "if standing_people.same_person(tx, run.made_by, officer):", "if officer is None:",
        "tests/services/test_disburse.py",
    ),
    Mutant(
        "QRIS checksum ignored", "pos_engine/wire/qris.py",
        "elif crc(text[: found.offset + len(CRC_HEAD)]) != found.value:", "elif not found.value:",
        "tests/wire/test_qris.py",
    ),
)  # fmt: skip


def copy_tree(folder: Path) -> None:
    """The tree as it is now, without what others made of it."""
    left_out = shutil.ignore_patterns("__pycache__", "*.pyc", ".hypothesis")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=left_out)
        else:
            shutil.copy(source, folder / name)


def red(folder: Path, check: str) -> bool:
    """Does the check fail on the copy; what takes too long hangs, and that is red too."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-k", "not postgres", *check.split()]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=CHECK_S_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{check}: {done.stdout.decode()[-400:]}{done.stderr.decode()[-400:]}")
    return done.returncode == 1


def plant(folder: Path, mutant: Mutant) -> str:
    """Put the fault into the copy; the file as it was."""
    file = folder / mutant.path
    source = file.read_text()
    if source.count(mutant.text) != 1:
        raise LookupError(f"{mutant.name}: its text stands {source.count(mutant.text)} times")
    file.write_text(source.replace(mutant.text, mutant.instead))
    return source


def run(names: list[str] | None = None) -> list[dict[str, object]]:
    """Plant each, one after the other; what was caught."""
    chosen = [each for each in MUTANTS if not names or each.name in names]
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        copy_tree(folder)
        red_anyway: dict[str, bool] = {}
        for each in chosen:
            if each.check not in red_anyway:
                red_anyway[each.check] = red(folder, each.check)
            began, source = time.monotonic(), plant(folder, each)
            caught = red(folder, each.check) and not red_anyway[each.check]
            (folder / each.path).write_text(source)
            seconds = round(time.monotonic() - began, 1)
            line = {"name": each.name, "path": each.path, "check": each.check}
            found.append(line | {"caught": caught, "seconds": seconds})
            note = " (red without it)" if red_anyway[each.check] else ""
            print(
                f"{'caught' if caught else 'MISSED'}  {seconds:6.1f} s  {each.name}  [{each.check}]{note}",
                flush=True,
            )
    return found


def main() -> int:
    """Run all or the named ones; 1 when one was missed."""
    found = run(sys.argv[1:])
    missed = [each for each in found if not each["caught"]]
    print(f"{len(found) - len(missed)} of {len(found)} planted faults were caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
