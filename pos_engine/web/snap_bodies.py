"""Shapes of SNAP bodies. The standard has many optional fields: what is not used is not read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from pos_engine.web.qr_payer_body import KPM_CODE_LENGTH_MAX
from pos_engine.wire.qris_cpm import TEXT_LENGTH_MAX

Word = Annotated[StrictStr, Field(pattern=r"^[\x21-\x7e]{1,64}$")]


class Snap(BaseModel):
    """Fields by SNAP's own names; values never appear in errors."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class AmountIn(Snap):
    """A sum as text with two decimals."""

    value: Annotated[StrictStr, Field(max_length=16)]
    currency: Annotated[StrictStr, Field(max_length=3)]


class TokenIn(Snap):
    """The body of access-token/b2b."""

    grantType: Annotated[StrictStr, Field(pattern="^client_credentials$")]  # noqa: N815


class GenerateIn(Snap):
    """The body of qr-mpm-generate: `partnerReferenceNo` is the reference of a held basket."""

    partnerReferenceNo: Word  # noqa: N815
    merchantId: Word  # noqa: N815
    amount: AmountIn


class QueryIn(Snap):
    """The body of qr-mpm-query."""

    originalPartnerReferenceNo: Word  # noqa: N815


class NotifyMore(Snap):
    """Our own fields: the KPM's code when aid pays."""

    kpmCode: Annotated[StrictStr, Field(max_length=KPM_CODE_LENGTH_MAX)] | None = None  # noqa: N815


class NotifyIn(Snap):
    """The body of qr-mpm-notify. Without `originalPartnerReferenceNo` the static code was paid."""

    originalReferenceNo: Word  # noqa: N815
    originalPartnerReferenceNo: Word | None = None  # noqa: N815
    externalStoreId: Word  # noqa: N815
    latestTransactionStatus: Annotated[StrictStr, Field(pattern="^0[0-7]$")]  # noqa: N815
    transactionDate: Annotated[StrictStr, Field(max_length=35)]  # noqa: N815
    amount: AmountIn
    additionalInfo: NotifyMore = NotifyMore()  # noqa: N815


class CpmIn(Snap):
    """The body of qr-cpm-payment: a customer's code for a held basket."""

    partnerReferenceNo: Word  # noqa: N815
    merchantId: Word  # noqa: N815
    qrContent: Annotated[StrictStr, Field(max_length=max(TEXT_LENGTH_MAX, KPM_CODE_LENGTH_MAX))]  # noqa: N815
    amount: AmountIn
    feeAmount: AmountIn | None = None  # noqa: N815
