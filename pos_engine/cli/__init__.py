"""The command line `ewarong`: parse, call one service, print."""

import sys

import typer

from biometrics.calibration import CalibrationFault
from biometrics.models import ModelsMissing
from pos_engine.cli import (
    anomalies,
    audit,
    backup,
    bank,
    card,
    catalog,
    ceiling,
    demo,
    device,
    disburse,
    edc,
    enrolment,
    face,
    face_evaluate,
    face_pad,
    holds,
    idle,
    key_rotation,
    lake,
    money,
    offline,
    people,
    plan,
    privacy,
    qris,
    reconcile,
    registry,
    replay,
    report,
    serve,
    settle,
    shop,
    simulate,
    sms,
    standing,
    tls,
)
from pos_engine.cli.out import fail
from pos_engine.engine import NotReadyError
from pos_engine.keys import KeyFileError
from pos_engine.logs import configure
from pos_engine.store.database import UnavailableError

app = typer.Typer(
    name="ewarong",
    help="The e-warong till and its engine. Start with `ewarong demo`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for part in (
    demo,
    serve,
    key_rotation,
    privacy,
    people,
    shop,
    device,
    qris,
    catalog,
    ceiling,
    disburse,
    plan,
    money,
    holds,
    offline,
    idle,
    settle,
    reconcile,
    audit,
    backup,
    face,
    enrolment,
    face_evaluate,
    registry,
    card,
    standing,
    sms,
    simulate,
    report,
    replay,
    lake,
    anomalies,
    bank,
    edc,
    tls,
):
    part.add_to(app)
face_pad.add_to(face_evaluate.face)


def main() -> None:
    """Run a command: exit 0 good, 1 refused or found wrong, 2 used wrongly."""
    configure("info")
    try:
        app()
    except (KeyFileError, NotReadyError, ModelsMissing, CalibrationFault) as error:
        fail(str(error))
    except UnavailableError:
        fail(
            "The database does not answer. Check EWARONG_DATABASE_URL, and on a new "
            "installation run `ewarong db upgrade` first."
        )
    sys.exit(0)


if __name__ == "__main__":
    main()
