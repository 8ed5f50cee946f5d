"""Passkeys of officers (WebAuthn): what the browser is asked, and whether its answer holds."""

from dataclasses import dataclass

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.second_factor import ISSUER
from pos_engine.store import shops, staff_factors
from pos_engine.store.database import Tx
from pos_engine.store.staff_factors import Factor, FactorKind, FactorState

ANSWER_LETTERS_MAX = 16_384  # of what a browser sends
CREDENTIAL_LETTERS_MAX = 1_400  # 1023 bytes at most by the standard
# whatever is wrong with a stranger's text, it proves nothing
WRONG = (
    WebAuthnException,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the browser is, as it asked us: the site's name, and the addresses that it has."""

    rp_id: str
    origins: tuple[str, ...]


def ask_for_new(staff: shops.Staff, known: list[Factor], site: Site, challenge: str) -> str:
    """What the browser needs to make a passkey; JSON."""
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=ISSUER,
        user_id=staff.staff_id.encode(),
        user_name=staff.name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known, site),
    )
    return options_to_json(options)


def ask_for(known: list[Factor], site: Site, challenge: str) -> str | None:
    """What the browser needs to prove one of these passkeys; None when none is of this site."""
    here = _descriptors(known, site)
    if not here:
        return None
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=here,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def _descriptors(known: list[Factor], site: Site) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential))
        for each in known
        if each.credential is not None and each.rp_id == site.rp_id
    ]


def new_passkey(
    engine: Engine, tx: Tx, staff_id: str, answer: str, site: Site, challenge: str
) -> Factor | None:
    """Write the passkey that a browser made for our question; None when its answer is wrong."""
    try:
        made = verify_registration_response(
            credential=answer[:ANSWER_LETTERS_MAX],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
        )
    except WRONG:
        return None
    credential = bytes_to_base64url(made.credential_id)
    if len(credential) > CREDENTIAL_LETTERS_MAX:
        return None
    now = engine.now()
    factor = Factor(
        staff_id=staff_id,
        factor_id=new_uuid7(now),
        kind=FactorKind.PASSKEY.value,
        state=FactorState.WAITING.value,
        sealed=None,
        credential=credential,
        public_key=made.credential_public_key,
        rp_id=site.rp_id,
        sign_count=made.sign_count,
        last_step=0,
        made_at=now,
    )
    staff_factors.add_factor(tx, factor)
    return factor


def passkey_ok(tx: Tx, known: list[Factor], answer: str, site: Site, challenge: str) -> bool:
    """Did one of these passkeys answer our question. Its count only ever rises."""
    return any(_proves(tx, each, answer, site, challenge) for each in known)


def _proves(tx: Tx, factor: Factor, answer: str, site: Site, challenge: str) -> bool:
    if factor.credential is None or factor.public_key is None or factor.rp_id is None:
        return False
    try:
        proven = verify_authentication_response(
            credential=answer[:ANSWER_LETTERS_MAX],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=factor.rp_id,  # where it was made, whatever this request calls us
            expected_origin=list(site.origins),
            credential_public_key=factor.public_key,
            credential_current_sign_count=factor.sign_count,
        )
    except WRONG:
        return False
    if bytes_to_base64url(proven.credential_id) != factor.credential:
        return False
    staff_factors.set_sign_count(tx, factor, proven.new_sign_count)
    return True
