"""Keep a face young: frames of a visit that a PIN or a code confirmed become a template."""

import base64
from dataclasses import replace
from datetime import datetime

from biometrics.policy import false_match_rate
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.matching.matcher import Matcher
from pos_engine.rules.face_refresh import VISITS_MAX, Visit, may_refresh
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.identification import Identification, Status
from pos_engine.services.identify_ktp import best_score
from pos_engine.services.tokens import PayerToken
from pos_engine.store import enrolments, template_log, templates
from pos_engine.store.database import Tx
from pos_engine.store.templates import SealedTemplate, Source

TEMPLATE, VERSION, MODEL, QUALITY = "template", "version", "model", "quality"


def with_frames(
    engine: Engine, matcher: Matcher, answer: Identification, probe: Template, *, live: bool
) -> Identification:
    """Let the token carry the sealed frames to the step-up, if they are worth keeping.

    Nothing is stored before the factor is shown, and only the match process can open them.
    """
    token = answer.token
    if answer.status is not Status.STEP_UP or token is None or not live:
        return answer
    with engine.database.read() as tx:
        mine = templates.in_force(tx, token.kpm_id, token.person_id)
        version = templates.next_version(tx, token.kpm_id, token.person_id)
    if not _worth_keeping(engine, matcher, probe, mine):
        return answer
    bound = templates.binding(token.person_id, probe.model_id, version)
    frames = {
        TEMPLATE: base64.b64encode(matcher.seal(probe, bound)).decode(),
        VERSION: version,
        MODEL: probe.model_id,
        QUALITY: probe.quality,
    }
    return replace(answer, token=replace(token, evidence=frames))


def _worth_keeping(
    engine: Engine, matcher: Matcher, probe: Template, mine: list[SealedTemplate]
) -> bool:
    enrolled = [each for each in mine if each.source is Source.ENROLMENT]
    if not enrolled:
        return False
    score = best_score(matcher, probe, enrolled)
    visit = Visit(
        live=True,
        quality=probe.quality,
        false_match_rate=false_match_rate(score, engine.thresholds),
        newest_at=max(each.created_at for each in mine if each.created_at is not None),
        now=engine.now(),
    )
    return may_refresh(visit)


def keep_frames(tx: Tx, token: PayerToken, now: datetime) -> None:
    """In the transaction that proves the factor; a face enrolled meanwhile leaves nothing to do."""
    frames = token.evidence
    if TEMPLATE not in frames:
        return
    mine = templates.in_force(tx, token.kpm_id, token.person_id)
    version = templates.next_version(tx, token.kpm_id, token.person_id)
    proposed = enrolments.of_person(tx, token.person_id)  # its number is taken already
    if version != frames[VERSION] or not mine or proposed:
        return
    visits = [each for each in mine if each.source is Source.VISIT]
    for old in visits[: max(0, len(visits) + 1 - VISITS_MAX)]:
        template_log.revoke(tx, token.kpm_id, old.template_id, now)
    new = SealedTemplate(
        template_id=new_uuid7(now),
        kpm_id=token.kpm_id,
        person_id=token.person_id,
        model_id=frames[MODEL],
        version=version,
        sealed=base64.b64decode(frames[TEMPLATE]),
        quality=frames[QUALITY],
        source=Source.VISIT,
    )
    templates.add_template(tx, new, now)
    template_log.enlist(tx, token.kpm_id, new.template_id, now)
