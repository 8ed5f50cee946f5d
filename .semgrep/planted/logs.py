"""What the rules of logs must catch."""

import structlog

log = structlog.get_logger()


def planted(request, body, card, count):
    # ruleid: no-body-in-logs
    log.info("purchase", body=body)
    # ruleid: no-body-in-logs
    log.warning("purchase.refused", said=request.body())
    # ruleid: no-body-in-logs
    log.error("card.wrong", number=card)
    # ruleid: no-body-in-logs, no-composed-log-line
    log.info(f"card {card} was refused")
    # ok: no-body-in-logs, no-composed-log-line
    log.info("purchase.refused", count=count)
