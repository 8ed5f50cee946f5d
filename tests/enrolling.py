"""Officers and proposals with defaults, so that a test names only what it is about."""

from dataclasses import dataclass, replace
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import Status
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.enrolment import propose
from pos_engine.services.enrolment_factor import Factor
from pos_engine.services.enrolment_review import approve
from pos_engine.services.proposal import Answered, Consent, Proposal
from pos_engine.services.sessions import Role, Session
from pos_engine.store import families
from tests.named_faces import NamedFaces, shots
from tests.world import PIN, World

VILLAGE = "35.07.13.2001"
YES = Consent(given=True, text_version="wajah-1", language="id", witness="Bu RT")


@dataclass
class Office:
    """The small world with its officers logged in and faces by name."""

    engine: Engine
    world: World

    def __post_init__(self):
        self.engine = replace(self.engine, faces=NamedFaces())
        self.pendamping = self.officer("PENDAMPING", "35.07")
        self.dinsos = self.officer("DINSOS", "35.07")

    def officer(self, role, region):
        """An officer of some region, logged in on her own computer."""
        names = (new_uuid7(self.engine.now()) for _ in range(3))
        session_id, staff_id, device_id = names
        return Session(session_id, staff_id, "Petugas", Role(role), device_id, None, None, region)

    def person_id(self, kpm_id=None):
        with self.engine.database.read() as tx:
            [person] = families.persons_of(tx, kpm_id or self.world.kpm_id)
        return person.person_id

    def proposal(self, name="siti", **changes):
        now = self.engine.now()
        kpm_id = changes.get("kpm_id", self.world.kpm_id)
        default = {
            "enrolment_id": new_uuid7(now),
            "kpm_id": kpm_id,
            "person_id": self.person_id(kpm_id) if kpm_id.startswith("KPM-") else "nobody",
            "images": shots(name),
            "consent": YES,
            "factor": Factor("PIN", PIN),
            "started_at": now - timedelta(minutes=4),
            "finished_at": now - timedelta(minutes=1),
            "region": VILLAGE,
        }
        return Proposal(**default | changes)

    def propose(self, name="siti", by=None, **changes):
        return propose(self.engine, by or self.pendamping, self.proposal(name, **changes))

    def enrol(self, name="siti", **changes):
        """Proposed by one, approved by another, in force."""
        proposed = self.propose(name, **changes)
        assert isinstance(proposed, Answered), proposed
        done = approve(self.engine, self.dinsos, proposed.enrolment.enrolment_id, {})
        assert isinstance(done, Answered), done
        assert done.enrolment.status in (Status.IN_FORCE, Status.APPROVED)
        return done.enrolment
