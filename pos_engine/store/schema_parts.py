"""Brings the tables that stand in files of their own into the one metadata."""

from pos_engine.store import (  # noqa: F401 - importing is what it is for
    schema_allowances,
    schema_audit,
    schema_bank,
    schema_disbursement,
    schema_enrolment,
    schema_envelopes,
    schema_holds,
    schema_idle,
    schema_kpm,
    schema_latency,
    schema_limits,
    schema_people,
    schema_qris,
    schema_registry,
    schema_reversals,
    schema_settlement,
    schema_shift,
    schema_sms,
    schema_till,
)
