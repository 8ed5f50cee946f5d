"""What a use case may ask about faces: search, compare, seal. It never sees a stored vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from biometrics.gallery import Candidate, Scope
from biometrics.template import Template

UNLIKE: Final = -1.0  # the score of what cannot be compared


@dataclass(frozen=True, slots=True)
class Found:
    """At most k persons, best first, and the real size of the set that was searched."""

    candidates: tuple[Candidate, ...]
    families: int
    templates: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A stored template, and what its encryption is bound to (`SealedTemplate.bound_to`)."""

    sealed: bytes
    bound_to: str


class Matcher(Protocol):
    """Exact cosines of the stored templates. Every call may raise `UnavailableError`."""

    @property
    def model_id(self) -> str:
        """The only model whose probes may be asked about; others raise `ModelMismatch`."""
        ...

    def warm_up(self) -> None:
        """Start what has to be started, so that the first customer does not wait for it."""
        ...

    def search(self, probe: Template, scope: Scope, k: int) -> Found:
        """Who of the scope is most like the probe.

        Everything committed before the call is in force: an enrolled face is found, a revoked one
        is not. Scopes are those of `biometrics.scopes` (shop, village, kecamatan, birth date,
        nation).
        """
        ...

    def scores(self, probe: Template, stored: Sequence[Sealed]) -> list[float]:
        """Cosine with each of these templates: 1:1, and small sets such as staff.

        UNLIKE for one that does not open or is of another model.
        """
        ...

    def seal(self, template: Template, bound_to: str) -> bytes:
        """Encrypt a template for the database (AES-256-GCM, associated data `bound_to`)."""
        ...

    def running(self) -> bool:
        """Would it answer now. Nothing is started for the question."""
        ...

    def close(self) -> None:
        """Give up what is held. Twice is once."""
        ...
