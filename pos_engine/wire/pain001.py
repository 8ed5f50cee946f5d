"""Payouts as the bank's machine reads them: ISO 20022 pain.001.001.09."""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from functools import cache

from pyiso20022.pain.pain_001_001_09 import pain_001_001_09 as pain
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from pos_engine.wire.payout_file import BIC, CURRENCY, Order, PayoutLine

NOT_PROVIDED = "NOTPROVIDED"  # the standard's own word for an agent that is known to the bank
NAME_LENGTH_MAX = 140
NAMESPACES = {None: "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def pain_message(order: Order, message_id: str, lines: Sequence[PayoutLine]) -> bytes:
    """One message: one debit account, one execution day, its number of transfers and their sum."""
    total, count = Decimal(sum(each.amount for each in lines)), str(len(lines))
    debtor = pain.PartyIdentification135(nm=order.debtor[:NAME_LENGTH_MAX])
    payment = pain.PaymentInstruction30(
        pmt_inf_id=message_id,
        pmt_mtd=pain.PaymentMethod3Code.TRF,
        nb_of_txs=count,
        ctrl_sum=total,
        reqd_exctn_dt=pain.DateAndDateTime2Choice(dt=XmlDate.from_date(order.pays_on)),
        dbtr=debtor,
        dbtr_acct=_account(order.escrow, currency=CURRENCY),
        dbtr_agt=_agent(order.escrow_bank),
        chrg_br=pain.ChargeBearerType1Code.DEBT,  # the shop receives the whole sum
        cdt_trf_tx_inf=[_transfer(each) for each in lines],
    )
    header = pain.GroupHeader85(
        msg_id=message_id,
        cre_dt_tm=XmlDateTime.from_datetime(order.made_at.astimezone(UTC).replace(microsecond=0)),
        nb_of_txs=count,
        ctrl_sum=total,
        initg_pty=debtor,
    )
    root = pain.CustomerCreditTransferInitiationV09(grp_hdr=header, pmt_inf=[payment])
    text = _serializer().render(pain.Document(cstmr_cdt_trf_initn=root), ns_map=NAMESPACES)
    return text.encode()


@cache
def _serializer() -> XmlSerializer:
    return XmlSerializer(config=SerializerConfig(indent=" "))


def _transfer(line: PayoutLine) -> pain.CreditTransferTransaction34:
    first, last = line.windows[0].isoformat(), line.windows[-1].isoformat()
    about = f"Penjualan {first}" if first == last else f"Penjualan {first} s.d. {last}"
    amount = pain.ActiveOrHistoricCurrencyAndAmount(value=Decimal(line.amount), ccy=CURRENCY)
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(
            instr_id=line.payout_id, end_to_end_id=line.payout_id
        ),
        amt=pain.AmountType4Choice(instd_amt=amount),
        cdtr_agt=_agent(line.bank),
        cdtr=pain.PartyIdentification135(nm=line.name[:NAME_LENGTH_MAX]),
        cdtr_acct=_account(line.account),
        rmt_inf=pain.RemittanceInformation16(ustrd=[f"{line.payout_id} {about}"]),
    )  # fmt: skip


def _account(number: str, currency: str | None = None) -> pain.CashAccount38:
    other = pain.GenericAccountIdentification1(id=number)
    return pain.CashAccount38(id=pain.AccountIdentification4Choice(othr=other), ccy=currency)


def _agent(bank: str) -> pain.BranchAndFinancialInstitutionIdentification6:
    if not bank:
        other = pain.GenericFinancialIdentification1(id=NOT_PROVIDED)
        found = pain.FinancialInstitutionIdentification18(othr=other)
    elif BIC.fullmatch(bank):
        found = pain.FinancialInstitutionIdentification18(bicfi=bank)
    else:
        member = pain.ClearingSystemMemberIdentification2(mmb_id=bank)
        found = pain.FinancialInstitutionIdentification18(clr_sys_mmb_id=member)
    return pain.BranchAndFinancialInstitutionIdentification6(fin_instn_id=found)
