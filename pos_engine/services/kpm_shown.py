"""The pictures on a KPM's telephone: her own code, and the same inside a customer's QRIS."""

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.services.kpm_code import issue_code
from pos_engine.services.qr_picture import png_of
from pos_engine.store import snap_partners
from pos_engine.wire.qris_cpm_build import build_cpm


def own_picture(engine: Engine, kpm_id: KpmId, person_id: PersonId) -> bytes:
    """A fresh code of her own as PNG: read by the e-warong's till."""
    return png_of(issue_code(engine, kpm_id, person_id))


def licensed_nns(engine: Engine) -> str | None:
    """The NNS under which customers' codes may be shown; None without a licensed provider."""
    with engine.database.read() as tx:
        known = snap_partners.partners(tx)
    active = (each.nns for each in known if each.status == snap_partners.ACTIVE and each.nns)
    return next(active, None)


def qris_picture(engine: Engine, kpm_id: KpmId, person_id: PersonId) -> bytes | None:
    """A fresh code as customer-presented QRIS (PNG): read by any QRIS shop's provider."""
    nns = licensed_nns(engine)
    if nns is None:
        return None
    return png_of(build_cpm(nns, issue_code(engine, kpm_id, person_id)))
