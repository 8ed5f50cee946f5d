"""Sealed rows in, vectors out; a row that does not open is left out and said so."""

from collections.abc import Sequence

import numpy as np
import structlog

from biometrics.detector import Floats
from biometrics.template import vectors_of
from pos_engine.keys import KeyFileError, TemplateKey
from pos_engine.store.template_log import Listed

log = structlog.get_logger()


class Opener:
    """The key and the one model whose templates may be read with it."""

    def __init__(self, key: TemplateKey, model_id: str) -> None:
        self._key, self.model_id = key, model_id

    def vectors(self, sealed: Sequence[tuple[bytes, str]]) -> Floats:
        """Rows x dimension. Raises `KeyFileError` or ValueError when one is not sound."""
        return vectors_of([self._key.open(*one) for one in sealed], self.model_id)

    def readable(self, rows: Sequence[Listed]) -> tuple[list[Listed], Floats]:
        """Those of our model that open: one altered row must not keep a nation from its food."""
        mine = [row for row in rows if row.model_id == self.model_id]
        try:
            return mine, self.vectors([(row.sealed, row.bound_to) for row in mine])
        except (KeyFileError, ValueError):
            pass
        one_by_one = [(row, self.one(row.sealed, row.bound_to)) for row in mine]
        sound = [(row, vector) for row, vector in one_by_one if vector is not None]
        empty = np.zeros((0, 0), np.float32)
        vectors = np.stack([vector for _, vector in sound]) if sound else empty
        return [row for row, _ in sound], vectors

    def one(self, sealed: bytes, bound_to: str) -> Floats | None:
        """None when it does not open, which is logged: that person needs a new enrolment."""
        try:
            vector: Floats = self.vectors([(sealed, bound_to)])[0]
        except (KeyFileError, ValueError) as error:
            log.warning("faces.template_unreadable", whose=bound_to, why=type(error).__name__)
            return None
        return vector
