"""How texts fare: what waits, what left, what came; no number and no word of anybody."""

from dataclasses import dataclass
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.outgoing_text import Urgency
from pos_engine.store import sms_in, sms_out


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows to print."""

    out: list[dict[str, str | int]]
    came: list[dict[str, str | int]]


def figures(engine: Engine, span: timedelta) -> Figures:
    """Texts by urgency and state; what came in the last `span` by word and outcome."""
    with engine.database.read() as tx:
        out, came = sms_out.counts(tx), sms_in.counts_since(tx, engine.now() - span)
    return Figures(
        [{"urgency": Urgency(p).name, "state": state, "texts": count} for p, state, count in out],
        [{"word": word, "outcome": outcome, "texts": count} for word, outcome, count in came],
    )
