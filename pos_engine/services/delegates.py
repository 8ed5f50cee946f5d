"""Let somebody buy for a family that cannot come: proposed by one officer, approved by another."""

from dataclasses import dataclass, replace
from datetime import date

from pos_engine.engine import Engine
from pos_engine.rules.delegation import (
    LIVING,
    DelegationFacts,
    DelegationReason,
    DelegationRefusal,
    DelegationState,
    in_force,
    may_approve,
    may_propose,
)
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.services.enrolment_force import notify_family
from pos_engine.services.kin import own_family
from pos_engine.services.payer import NIK
from pos_engine.services.sessions import Role, Session
from pos_engine.store import delegations, families, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.delegations import Delegation, DelegationStep
from pos_engine.store.families import Family, Person

WAKIL = "WAKIL"
DELEGATE_PROPOSED = "DELEGATE_PROPOSED"
DELEGATE_APPROVED = "DELEGATE_APPROVED"
DELEGATE_ENDED = "DELEGATE_ENDED"
STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True, repr=False)
class DelegationOrder:
    """Who shall buy for whom until which last day. Of a registered person her own data count."""

    delegation_id: str
    kpm_id: str
    nik: str
    name: str
    birth_date: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class _Case:
    """A delegation about to change, and who acts."""

    tx: Tx
    engine: Engine
    session: Session
    family: Family
    delegation: Delegation

    def facts(self, others: list[Delegation]) -> DelegationFacts:
        """What the rules ask; `others` are all that live of the same delegate."""
        tx, mine = self.tx, self.delegation
        day = self.engine.catalogue(tx).zones.local_day(self.family.region, self.engine.now())
        valid = [each for each in others if in_force(each.status, each.expires_on, day)]
        same = [each for each in others if each.kpm_id == mine.kpm_id and each.expires_on >= day]
        member = _person(tx, mine.kpm_id, mine.delegate_person_id)
        return DelegationFacts(
            officer_of_family=own_family(tx, mine.kpm_id, self.session.staff_id),
            delegate_is_staff=standing_people.is_staff(
                tx, mine.delegate_hmac, mine.delegate_person_id
            ),
            already_member=member is not None and member.role != WAKIL,
            birth_date=mine.birth_date,
            expires_on=mine.expires_on,
            day=day,
            already_open=any(each.delegation_id != mine.delegation_id for each in same),
            families=len({each.kpm_id for each in valid} - {mine.kpm_id}),
            by_dinsos=self.session.role is Role.DINSOS,
        )

    def done(self, kind: str, reason: DelegationReason | None = None) -> None:
        """Keep the step, or the attempt that was refused."""
        now, mine = self.engine.now(), self.delegation
        step = DelegationStep(
            event_id=new_uuid7(now),
            delegation_id=mine.delegation_id,
            kpm_id=mine.kpm_id,
            kind=kind,
            reason=reason.value if reason else None,
            staff_id=self.session.staff_id,
            at=now,
        )
        delegations.add_step(self.tx, step)


def propose_delegate(
    engine: Engine, session: Session, order: DelegationOrder
) -> Delegation | DelegationRefusal:
    """Propose; the family is told at once, so that she can object. Twice is once."""

    def work(tx: Tx) -> Delegation | DelegationRefusal:
        family = families.find_family(tx, order.kpm_id)
        if family is None or not in_scope(session.region, family.region):
            return DelegationRefusal(DelegationReason.NOT_FOUND, "kpm_id")
        new = _proposed(tx, engine, session, family, order)
        stored = delegations.find_delegation(tx, order.delegation_id)
        if stored is not None:
            return _stored(stored, new)
        case = _Case(tx, engine, session, family, new)
        refusal = may_propose(case.facts(delegations.living_of_delegate(tx, new.delegate_hmac)))
        if refusal is not None:
            case.done(STOPPED, refusal.reason)
            return refusal
        delegations.add_delegation(tx, new)
        case.done(new.status.value)
        notify_family(tx, DELEGATE_PROPOSED, family.kpm_id, new.delegation_id, engine.now())
        return new

    return engine.database.transact(work)


def _proposed(
    tx: Tx, engine: Engine, session: Session, family: Family, order: DelegationOrder
) -> Delegation:
    """The proposal: of a registered person, of somebody's delegate already, or of a newcomer."""
    now, hashed = engine.now(), engine.keys.lookup(NIK, order.nik)
    known = families.find_credential(tx, NIK, hashed)
    before = delegations.living_of_delegate(tx, hashed)
    kpm_id, person_id = family.kpm_id, PersonId(new_uuid7(now))
    if known is not None:
        kpm_id, person_id = known.kpm_id, known.person_id
    elif before:
        kpm_id, person_id = before[0].delegate_kpm_id, before[0].delegate_person_id
    registered = _person(tx, kpm_id, person_id)
    return Delegation(
        delegation_id=order.delegation_id,
        kpm_id=family.kpm_id,
        region=family.region,
        delegate_hmac=hashed,
        delegate_kpm_id=kpm_id,
        delegate_person_id=person_id,
        name=registered.name if registered else order.name,
        birth_date=(registered and registered.birth_date) or order.birth_date,
        status=DelegationState.PROPOSED,
        expires_on=order.expires_on,
        proposed_by=session.staff_id,
        proposed_at=now,
    )


def _person(tx: Tx, kpm_id: str, person_id: str) -> Person | None:
    return next(
        (each for each in families.persons_of(tx, kpm_id) if each.person_id == person_id), None
    )


def _stored(stored: Delegation, new: Delegation) -> Delegation | DelegationRefusal:
    mine = (stored.kpm_id, stored.delegate_hmac, stored.expires_on, stored.proposed_by)
    same = mine == (new.kpm_id, new.delegate_hmac, new.expires_on, new.proposed_by)
    return (
        stored if same else DelegationRefusal(DelegationReason.DUPLICATE_DIFFERENT, "delegation_id")
    )


def approve_delegate(
    engine: Engine, session: Session, delegation_id: str
) -> Delegation | DelegationRefusal:
    """Put it in force as a second person; a third family only by DINSOS. Twice is once."""

    def work(tx: Tx) -> Delegation | DelegationRefusal:
        case, others = _locked(tx, engine, session, delegation_id)
        if case is None:
            return DelegationRefusal(DelegationReason.NOT_FOUND, "delegation_id")
        row = case.delegation
        if row.status is DelegationState.APPROVED and row.decided_by == session.staff_id:
            return row
        officer = session.staff_id
        if standing_people.same_person(tx, row.proposed_by, officer):  # also by two accounts
            officer = row.proposed_by
        refusal = may_approve(case.facts(others), row.status, row.proposed_by, officer)
        if refusal is not None:
            case.done(STOPPED, refusal.reason)
            return refusal
        return _approved(case)

    return engine.database.transact(work)


def _locked(
    tx: Tx, engine: Engine, session: Session, delegation_id: str
) -> tuple[_Case | None, list[Delegation]]:
    """The delegation with all that lives of its delegate, held to the end of the transaction."""
    before = delegations.find_delegation(tx, delegation_id)
    if before is None or not in_scope(session.region, before.region):
        return None, []
    others = delegations.living_of_delegate(tx, before.delegate_hmac, lock=True)
    row = delegations.find_delegation(tx, delegation_id, lock=True) or before
    family = families.find_family(tx, row.kpm_id)
    return (_Case(tx, engine, session, family, row) if family else None), others


def _approved(case: _Case) -> Delegation:
    """In force. Who is registered nowhere becomes a person of the family, so that she can enrol."""
    tx, row, now = case.tx, case.delegation, case.engine.now()
    if _person(tx, row.delegate_kpm_id, row.delegate_person_id) is None:
        person = Person(
            row.delegate_person_id, row.delegate_kpm_id, row.name, row.birth_date, None, WAKIL
        )
        families.add_person(tx, person, now)
    decided = {"decided_by": case.session.staff_id, "decided_at": now}
    delegations.change_delegation(tx, row.delegation_id, DelegationState.APPROVED, **decided)
    case.done(DelegationState.APPROVED.value)
    notify_family(tx, DELEGATE_APPROVED, row.kpm_id, row.delegation_id, now)
    return replace(
        row, status=DelegationState.APPROVED, decided_by=case.session.staff_id, decided_at=now
    )


def end_delegate(
    engine: Engine, session: Session, delegation_id: str
) -> Delegation | DelegationRefusal:
    """Refuse a proposal or end a delegation; one officer is enough to stop a credential."""

    def work(tx: Tx) -> Delegation | DelegationRefusal:
        case, _ = _locked(tx, engine, session, delegation_id)
        if case is None:
            return DelegationRefusal(DelegationReason.NOT_FOUND, "delegation_id")
        return _ended(case)

    return engine.database.transact(work)


def _ended(case: _Case) -> Delegation:
    tx, row, now = case.tx, case.delegation, case.engine.now()
    if row.status not in LIVING:
        return row
    proposed = row.status is DelegationState.PROPOSED
    status = DelegationState.REFUSED if proposed else DelegationState.ENDED
    by = case.session.staff_id
    delegations.change_delegation(tx, row.delegation_id, status, ended_by=by, ended_at=now)
    case.done(status.value)
    notify_family(tx, DELEGATE_ENDED, row.kpm_id, row.delegation_id, now)
    return replace(row, status=status, ended_by=by, ended_at=now)


def list_delegates(
    engine: Engine, region: str | None, kpm_id: str | None = None
) -> list[Delegation]:
    """Those of a region, or of one family within it, the newest first."""
    with engine.database.read() as tx:
        return delegations.listed(tx, region, kpm_id)


def in_force_of_family(
    tx: Tx, engine: Engine, kpm_id: KpmId, found: list[Delegation]
) -> list[Delegation]:
    """Of these delegations those of this family that are good today, by the family's own day."""
    family = families.find_family(tx, kpm_id)
    if family is None:
        return []
    day = engine.catalogue(tx).zones.local_day(family.region, engine.now())
    return [
        each
        for each in found
        if each.kpm_id == kpm_id and in_force(each.status, each.expires_on, day)
    ]
