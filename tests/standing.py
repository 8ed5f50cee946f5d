"""Delegates and two who vouch, with defaults, so that a test names only what it is about."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.supervision import NoOtherWay
from pos_engine.services import delegates, supervise
from pos_engine.services.identification import asked_at
from pos_engine.services.payer import Place
from pos_engine.services.sessions import open_session
from pos_engine.services.supervise_confirm import confirm_supervision
from pos_engine.store import families, template_log, templates
from pos_engine.store.delegations import Delegation
from tests.named_faces import NamedFaces
from tests.world import World

NEIGHBOUR = "3507131203850007"  # registered nowhere


@dataclass
class Village:
    """The small world with everybody logged in, and faces by name."""

    engine: Engine
    world: World

    def __post_init__(self):
        self.engine = replace(self.engine, faces=NamedFaces())

    def session(self, role):
        return open_session(self.engine, **self.world.staff[role]).session

    def pin(self, role):
        return self.world.staff[role]["pin"]

    @property
    def place(self):
        return Place(self.world.shop_id, self.world.till_id)

    @property
    def asked(self):
        return asked_at(self.engine, self.session("KASIR"), self.place, None)

    def order(self, **changes):
        now = self.engine.now()
        default = {
            "delegation_id": new_uuid7(now),
            "kpm_id": self.world.kpm_id,
            "nik": NEIGHBOUR,
            "name": "Budi Santoso",
            "birth_date": date(1985, 3, 12),
            "expires_on": (now + timedelta(days=90)).date(),
        }
        return delegates.DelegationOrder(**default | changes)

    def propose(self, by="PENDAMPING", **changes):
        return delegates.propose_delegate(self.engine, self.session(by), self.order(**changes))

    def approve(self, delegation_id, by="DINSOS"):
        return delegates.approve_delegate(self.engine, self.session(by), delegation_id)

    def end(self, delegation_id, by="PENDAMPING"):
        return delegates.end_delegate(self.engine, self.session(by), delegation_id)

    def delegate(self, **changes):
        """Proposed by one, approved by another."""
        proposed = self.propose(**changes)
        assert isinstance(proposed, Delegation), proposed
        done = self.approve(proposed.delegation_id)
        assert isinstance(done, Delegation), done
        return done

    def enrol(self, kpm_id, person_id, name):
        """A face by name, in force."""
        face = self.engine.faces.embed_many([f"{name}/0".encode()], None)[0].template
        with self.engine.database.begin() as tx:
            version = templates.next_version(tx, kpm_id, person_id)
            bound = templates.binding(person_id, face.model_id, version)
            sealed = self.engine.matcher.seal(face, bound)
            new = templates.SealedTemplate(
                new_uuid7(self.engine.now()), kpm_id, person_id, face.model_id, version, sealed, 80
            )
            templates.add_template(tx, new, self.engine.now())
            template_log.enlist(tx, kpm_id, new.template_id, self.engine.now())

    def head(self, kpm_id=None):
        with self.engine.database.read() as tx:
            return families.persons_of(tx, kpm_id or self.world.kpm_id)[0]

    def ask(self, by="KASIR", claim=None, **changes):
        default = {
            "supervision_id": new_uuid7(self.engine.now()),
            "claim": claim or supervise.Claim("KPM", self.world.kpm_id),
            "amount": 80_000,
            "no_other_way": NoOtherWay.CARD_LOST,
            "pin": self.pin(by),
        }
        order = supervise.SupervisionOrder(**default | changes)
        return supervise.ask_supervision(self.engine, self.session(by), self.place, order)

    def confirm(self, supervision_id, by="PENDAMPING", pin=None):
        session = self.session(by)
        return confirm_supervision(self.engine, session, supervision_id, pin or self.pin(by))
