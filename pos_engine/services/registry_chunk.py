"""One chunk of an import in one transaction: what is new, what changed, whose credit waits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7, shard_of
from pos_engine.rules.registry import Code, Disposition, Finding, NikStatus
from pos_engine.rules.registry_row import Entry
from pos_engine.services.family_keys import sealer
from pos_engine.services.payer import NIK, PHONE
from pos_engine.store import families as family_store
from pos_engine.store import registry_holds as holds
from pos_engine.store import registry_rows as rows
from pos_engine.store.database import Tx

KK = "KK"
PHONE_WAITS = "PHONE_WAITS"  # the directory's kind of a number that is not in force yet
WAITING = "WAITING"
PHONE_COOL_DOWN = timedelta(hours=72)
_CORRECTED, _HELD, _REMARK = Disposition.CORRECTED, Disposition.HELD, Disposition.REMARK
_SETTLED = {NikStatus.DUKCAPIL_MATCH.value, NikStatus.DEAD.value}


class Said(NamedTuple):
    """What the database says of an entry: remarks, did it change anything, whom it meets."""

    findings: list[Finding]
    changed: bool
    other_kpm_id: str | None


@dataclass(slots=True)
class _Known:
    """What the database knows of the families and numbers of a chunk; grows row by row."""

    families: dict[str, rows.KnownFamily]
    members: dict[str, list[rows.Member]]
    numbers: dict[str, dict[bytes, tuple[str, str]]]
    phones: dict[str, list[tuple[str, str]]]
    shops: set[str]


@dataclass(slots=True)
class _Writes:
    """What is to be written."""

    families: dict[str, int] = field(default_factory=dict)  # new ones: by which row
    changed_families: dict[str, rows.KnownFamily] = field(default_factory=dict)
    members: dict[str, rows.Member] = field(default_factory=dict)
    numbers: list[rows.NewNumber] = field(default_factory=list)
    phones: list[rows.NewPhone] = field(default_factory=list)
    witnesses: dict[str, dict[str, Any]] = field(default_factory=dict)
    consents: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[holds.Hold] = field(default_factory=list)


class Chunk:
    """The families of a chunk as they stand; `take` each entry, then `write`."""

    def __init__(
        self, tx: Tx, engine: Engine, run_id: str, entries: Sequence[Entry], shops: set[str]
    ) -> None:
        self._tx, self._run_id, self._keys = tx, run_id, engine.keys
        self._sealer = sealer(tx, engine, {each.kpm_id for each in entries if _sealed_of(each)})
        self._now: datetime = engine.now()
        self._lookups: dict[tuple[str, str], bytes] = {}
        ids = {each.kpm_id for each in entries}
        families = rows.families_of(tx, ids)
        self._known = _Known(
            families,
            defaultdict(list, rows.members_of(tx, families)),
            {
                NIK: self._owners(NIK, {each.nik for each in entries if each.nik}),
                KK: self._owners(KK, {each.no_kk for each in entries if each.no_kk}),
                PHONE: self._owners(PHONE, msisdns := {e.msisdn for e in entries if e.msisdn}),
                PHONE_WAITS: self._owners(PHONE_WAITS, msisdns),
            },
            rows.phones_of_families(tx, families),
            shops,
        )
        self._new = _Writes()

    def _owners(self, kind: str, numbers: set[str]) -> dict[bytes, tuple[str, str]]:
        lookup = self._keys.lookup
        wanted = {(kind, number): lookup(kind, number) for number in numbers}
        self._lookups |= wanted
        return rows.numbers_of(self._tx, kind, list(wanted.values()))

    def take(self, entry: Entry) -> Said:
        """Work one entry in; nothing is written yet."""
        found: list[Finding] = []
        changed = self._family(entry, found)
        rival = self._rival(entry, NIK, entry.nik)
        member = self._member(entry, rival)
        if member is None:
            member, fresh = self._new_member(entry, rival), True
        else:
            fresh = False
            changed |= rival is None and self._change(member, entry)
        other = self._meets(Code.SAME_NIK, "nik", rival, entry, found)
        if rival is None and entry.nik:
            self._enter(NIK, entry.nik, member, member.person_id)
        kin = self._rival(entry, KK, entry.no_kk)
        other = self._meets(Code.SAME_KK, "no_kk", kin, entry, found) or other
        if kin is None and entry.no_kk:
            self._enter(KK, entry.no_kk, member, entry.kpm_id)
        if entry.msisdn:
            changed |= self._phone(entry, member, found)
        if entry.consent or entry.letter:
            self._papers(entry, member, fresh=fresh)
        return Said(found, changed or fresh, other)

    def _family(self, entry: Entry, found: list[Finding]) -> bool:
        shop = entry.home_shop
        if shop and shop not in self._known.shops:
            found.append(Finding("home_shop", Code.SHOP_LEFT_OUT, _CORRECTED))
            shop = ""
        old = self._known.families.get(entry.kpm_id)
        if old is None:
            self._new_family(entry, shop)
            return True
        new = old._replace(
            region=entry.region,
            home_shop_id=shop or old.home_shop_id,
            programme=entry.programme or old.programme,
        )
        if new.region != old.region:
            found.append(Finding("region", Code.REGION_CHANGED, _CORRECTED))
        if new != old:
            self._known.families[entry.kpm_id] = self._new.changed_families[entry.kpm_id] = new
        return new != old

    def _new_family(self, entry: Entry, shop: str) -> None:
        new = rows.KnownFamily(
            entry.kpm_id, entry.region, shop, family_store.ACTIVE, entry.programme, self._now
        )
        self._known.families[entry.kpm_id] = new
        self._new.families[entry.kpm_id] = entry.number

    def _rival(self, entry: Entry, kind: str, number: str) -> str | None:
        """Another family that has this number."""
        if not number:
            return None
        owner = self._known.numbers[kind].get(self._lookups[kind, number])
        return owner[0] if owner is not None and owner[0] != entry.kpm_id else None

    def _member(self, entry: Entry, rival: str | None) -> rows.Member | None:
        members = self._known.members.get(entry.kpm_id, ())
        if entry.nik and rival is None:
            owner = self._known.numbers[NIK].get(self._lookups[NIK, entry.nik])
            for each in members:
                if owner is not None and each.person_id == owner[1]:
                    return each
        name = entry.name.casefold()
        for each in members:
            if each.birth_date == entry.birth_date and each.name.casefold() == name:
                return each
        return None

    def _new_member(self, entry: Entry, rival: str | None) -> rows.Member:
        person_id = new_uuid7(self._now)
        new = rows.Member(
            person_id=person_id,
            kpm_id=entry.kpm_id,
            name=entry.name,
            birth_date=entry.birth_date,
            sex=entry.sex,
            role=entry.role,
            nik_status=entry.nik_status if rival is None else NikStatus.DOUBLE.value,
            nik_sealed=self._sealed(entry, person_id),
            fresh=True,
        )
        self._known.members[entry.kpm_id].append(new)
        self._new.members[person_id] = new
        return new

    def _sealed(self, entry: Entry, person_id: str) -> bytes | None:
        return self._sealer.seal(entry.kpm_id, entry.nik, person_id) if entry.nik else None

    def _change(self, member: rows.Member, entry: Entry) -> bool:
        status = member.nik_status
        if entry.nik and status not in _SETTLED:
            status = entry.nik_status
        new_nik = bool(entry.nik) and (
            member.nik_sealed is None or self._number_is_new(NIK, entry.nik)
        )
        after = (
            entry.name,
            entry.birth_date or member.birth_date,
            entry.sex or member.sex,
            entry.role,
            status,
        )
        before = (member.name, member.birth_date, member.sex, member.role, member.nik_status)
        if after == before and not new_nik:
            return False
        member.name, member.birth_date, member.sex, member.role, member.nik_status = after
        if new_nik:
            member.nik_sealed = self._sealed(entry, member.person_id)
        member.changed = True
        self._new.members[member.person_id] = member
        return True

    def _number_is_new(self, kind: str, number: str) -> bool:
        return self._lookups[kind, number] not in self._known.numbers[kind]

    def _meets(
        self, code: Code, name: str, rival: str | None, entry: Entry, found: list[Finding]
    ) -> str | None:
        """A number of another family: the change waits, and a new family's credit with it."""
        if rival is None:
            return None
        found.append(Finding(name, code, _HELD))
        if entry.role == "PENGURUS":
            self._new.waiting.append(
                holds.Hold(entry.kpm_id, code, rival, self._run_id, holds.HELD, self._now)
            )
        return rival

    def _enter(self, kind: str, number: str, member: rows.Member, reference: str) -> None:
        lookup = self._lookups[kind, number]
        if lookup not in self._known.numbers[kind]:
            self._known.numbers[kind][lookup] = (member.kpm_id, member.person_id)
            self._new.numbers.append(
                rows.NewNumber(kind, lookup, member.kpm_id, member.person_id, reference)
            )

    def _phone(self, entry: Entry, member: rows.Member, found: list[Finding]) -> bool:
        if self._rival(entry, PHONE, entry.msisdn) or self._rival(entry, PHONE_WAITS, entry.msisdn):
            found.append(Finding("msisdn", Code.PHONE_TAKEN, _CORRECTED))
            return False
        if not all(self._number_is_new(kind, entry.msisdn) for kind in (PHONE, PHONE_WAITS)):
            return False
        working = self._known.phones.setdefault(entry.kpm_id, [])
        waits = any(status == family_store.ACTIVE for _, status in working)
        if waits:
            found.append(Finding("msisdn", Code.PHONE_WAITS, _REMARK))
        phone_id = new_uuid7(self._now)
        status = WAITING if waits else family_store.ACTIVE
        working.append((phone_id, status))
        self._new.phones.append(
            rows.NewPhone(
                phone_id,
                entry.kpm_id,
                member.person_id,
                self._sealer.seal(entry.kpm_id, entry.msisdn, phone_id),
                status,
                self._now + PHONE_COOL_DOWN if waits else None,
            )
        )
        self._enter(PHONE_WAITS if waits else PHONE, entry.msisdn, member, phone_id)
        return True

    def _papers(self, entry: Entry, member: rows.Member, *, fresh: bool) -> None:
        who = {
            "shard": shard_of(entry.kpm_id),
            "person_id": member.person_id,
            "kpm_id": entry.kpm_id,
            "at": self._now,
        }
        if fresh and entry.letter and not entry.nik:
            witnesses = "\n".join(entry.witnesses)
            names = self._sealer.seal(entry.kpm_id, witnesses, member.person_id)
            paper = {"letter": entry.letter, "witnesses": names}
            self._new.witnesses[member.person_id] = who | paper
        if entry.consent:
            given = {"given": entry.consent == "YES", "run_id": self._run_id}
            self._new.consents[member.person_id] = who | given

    def write(self) -> set[str]:
        """Write everything at once; the villages that were touched."""
        tx, new, now = self._tx, self._new, self._now
        born = [self._known.families[kpm_id] for kpm_id in new.families]
        rows.add_families(tx, born, self._run_id, new.families)
        rows.change_families(
            tx,
            [each for kpm_id, each in new.changed_families.items() if kpm_id not in new.families],
        )
        rows.add_members(tx, [each for each in new.members.values() if each.fresh], now)
        rows.change_members(tx, [each for each in new.members.values() if not each.fresh])
        rows.add_numbers(tx, new.numbers, now)
        rows.add_phones(tx, new.phones, now)
        rows.add_witnesses(tx, list(new.witnesses.values()))
        rows.set_consents(tx, list(new.consents.values()))
        unpaid = {each.kpm_id for each in new.waiting}
        unpaid -= rows.paid_families(tx, unpaid)
        holds.add_holds(tx, [each for each in new.waiting if each.kpm_id in unpaid])
        touched = {each.kpm_id for each in new.members.values()} | set(new.families)
        return {self._known.families[kpm_id].region for kpm_id in touched}


def _sealed_of(entry: Entry) -> bool:
    """Does it bring anything that her key seals."""
    return bool(entry.nik or entry.msisdn or entry.letter)
