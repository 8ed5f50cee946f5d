"""The sample shops get made-up merchant ids, so that a basket of the demo has a code to show."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pos_engine.engine import Engine
from pos_engine.services.install import Refused
from pos_engine.services.shop_nmid import Merchant, give_nmid
from pos_engine.services.shop_onboarding import Actor, ShopProblem
from pos_engine.services.snap_auth import RSA_BITS_MIN, add_partner

SAMPLE_DOMAIN = "ID.CO.EXAMPLE.WWW"  # no provider has it: nobody can pay a sample code
SAMPLE_NMID, SAMPLE_MPAN = "ID0000000000", "93600000000000000"
RSA_EXPONENT = 65_537


def open_for_qris(engine: Engine, shop_ids: Sequence[str]) -> None:
    """A provider whose key nobody keeps, and an NMID a shop."""
    key = generate_private_key(RSA_EXPONENT, RSA_BITS_MIN).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    provider = add_partner(engine, "Contoh (sample)", pem)
    if isinstance(provider, Refused):
        raise TypeError(provider.message)
    for number, shop_id in enumerate(shop_ids, start=1):
        given = Merchant(
            nmid=f"{SAMPLE_NMID}{number:03d}",
            domain=SAMPLE_DOMAIN,
            mpan=f"{SAMPLE_MPAN}{number}",
            merchant_id=f"SAMPLE{number}",
            criteria="UMI",
            mcc="5411",
            postal_code="00000",
            partner_id=provider.partner_id,
        )
        if isinstance(give_nmid(engine, Actor("sample", None), shop_id, given), ShopProblem):
            raise TypeError(shop_id)
