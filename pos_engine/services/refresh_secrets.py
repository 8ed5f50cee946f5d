"""Refresh secrets that are known as ours after they were replaced: an old one was copied."""

import secrets

from pos_engine.engine import Engine
from pos_engine.wire.canonical import to_base64url

MARK_LETTERS = 16


def refresh_secret(engine: Engine, session_id: str) -> str:
    """A fresh secret; its last letters say that we made it, so that an old one is known again."""
    drawn = secrets.token_urlsafe(32)
    return drawn + _mark(engine, session_id, drawn)


def _mark(engine: Engine, session_id: str, drawn: str) -> str:
    return to_base64url(engine.keys.token_digest(f"refresh.{session_id}.{drawn}"))[:MARK_LETTERS]


def made_here(engine: Engine, session_id: str, secret: str) -> bool:
    """Did we make this secret for this session, whether or not it is the one that counts now."""
    drawn, mark = secret[:-MARK_LETTERS], secret[-MARK_LETTERS:]
    return secrets.compare_digest(mark.encode(), _mark(engine, session_id, drawn).encode())
