"""The signature that came with a request, and whether it is right, of now, and new."""

from fastapi import Request
from starlette.types import Scope

from pos_engine.engine import Engine
from pos_engine.services.request_proof import ProofsSeen, SignedRequest
from pos_engine.services.sessions import Access
from pos_engine.wire.device_header import read_proof_header

PROOF_HEADER = "device-proof"


async def signed_request(request: Request) -> SignedRequest | None:
    """What the caller signed; None without a signature that can be read."""
    text = request.headers.get(PROOF_HEADER)
    if text is None:
        return None
    return signed_request_of(request.scope, text, await request.body())


def signed_request_of(scope: Scope, text: str, body: bytes) -> SignedRequest | None:
    """The same of a plain ASGI request: path and query as the caller wrote them."""
    header = read_proof_header(text)
    if header is None:
        return None
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    path = raw.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    return SignedRequest(header, scope["method"], path, body)


def proven(
    engine: Engine, seen: ProofsSeen, access: Access, token: str, signed: SignedRequest | None
) -> bool:
    """May this request use its session: a token with a key is good for nothing without it."""
    if access.key is None:
        return True
    if signed is None or not signed.signed_by(access.key, access.session.device_id, token):
        return False
    return seen.take(signed.header, engine.now())
