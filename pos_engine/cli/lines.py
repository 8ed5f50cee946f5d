"""The line that the settings name, and everything that runs beside the engine, as one."""

from collections.abc import Callable

from pos_engine import worker as background
from pos_engine.engine import Engine, NotReadyError, Settings
from pos_engine.telco.line import Line
from pos_engine.telco.run import start


def line_of(settings: Settings) -> Line | None:
    """The line to the operator; None when texts do not leave by one."""
    if settings.sms_gateway == "smpp":
        # the protocol's library is loaded only where a line is used
        from pos_engine.telco.smpp import SmppLine, SmppSettings  # noqa: PLC0415

        if not settings.smpp_host or not settings.smpp_system_id:
            raise NotReadyError("EWARONG_SMPP_HOST and EWARONG_SMPP_SYSTEM_ID name the SMSC.")
        return SmppLine(
            SmppSettings(
                host=settings.smpp_host,
                port=settings.smpp_port,
                system_id=settings.smpp_system_id,
                password=settings.smpp_password.get_secret_value(),
                sender=settings.sms_sender,
                window=settings.smpp_window,
                tls=settings.smpp_tls,
            )
        )
    if settings.sms_gateway == "http":
        from pos_engine.telco.aggregator import (  # noqa: PLC0415
            AggregatorLine,
            AggregatorSettings,
        )

        secret = settings.gateway_secret.get_secret_value()
        return AggregatorLine(AggregatorSettings(settings.sms_url, secret, settings.sms_sender))
    return None


def start_line(engine: Engine, settings: Settings) -> Callable[[], None]:
    """Open the line when there is one; call what is returned to end it."""
    line = line_of(settings)
    return start(engine, line) if line is not None else _nothing


def start_beside(engine: Engine, settings: Settings) -> Callable[[], None]:
    """The worker and the line in this process; call what is returned to end both."""
    end_line, end_worker = start_line(engine, settings), background.start(engine)

    def end() -> None:
        end_line()
        end_worker()

    return end


def _nothing() -> None:
    return None
