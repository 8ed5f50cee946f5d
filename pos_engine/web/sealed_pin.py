"""A sealed PIN in a request: its shape, and opening it before anything else is asked."""

from http import HTTPStatus
from typing import Annotated, TypeVar

from pydantic import Field, SecretStr

from pos_engine.engine import Engine
from pos_engine.services.payer import CardProof, PayerProof, SealedProof
from pos_engine.services.pin_sealing import SEALED_LENGTH_MAX, open_pin, unsealed
from pos_engine.web.problem import ProblemError

SEALED = r"^[A-Za-z0-9_.-]+$"
Sealed = Annotated[
    SecretStr,
    Field(min_length=1, max_length=SEALED_LENGTH_MAX, json_schema_extra={"pattern": SEALED}),
]
Proof = TypeVar("Proof", bound=PayerProof)


def opened(
    engine: Engine, proof: Proof | SealedProof, till_id: str, act: str | None = None
) -> Proof | CardProof:
    """The proof as the services take it; 422 when its PIN does not open. No try is spent."""
    if not isinstance(proof, SealedProof):
        return proof
    plain = unsealed(engine, proof, till_id, act)
    if plain is None:
        raise not_opened()
    return plain


def pin_of(engine: Engine, sealed: SecretStr, till_id: str) -> str:
    """The PIN of a step-up; 422 when it does not open."""
    pin = open_pin(engine, sealed.get_secret_value(), till_id)
    if pin is None:
        raise not_opened()
    return pin


def not_opened() -> ProblemError:
    """422: another key, till or purchase, too old, or altered on its way."""
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "PIN_NOT_OPENED",
        "Kunci PIN sudah berganti. Ibu/Bapak KPM mengetik PIN sekali lagi.",
        "pin_sealed",
    )
