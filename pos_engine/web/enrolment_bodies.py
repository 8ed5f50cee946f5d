"""Shapes of the requests that enrol a face, and of those by which a KPM locks it."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr, ValidationInfo, field_validator
from pydantic.functional_validators import AfterValidator

from catalog.zones import region_exists
from pos_engine.rules.enrolment import PICTURES_MAX, Decision
from pos_engine.services.enrolment_factor import Factor
from pos_engine.services.enrolment_review import Said
from pos_engine.services.proposal import Consent, Proposal
from pos_engine.store.enrolment_findings import FINDINGS_MAX
from pos_engine.web.card_body import Digits6
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Code, Moment, TokenIn, Uuid7, decoded_picture
from pos_engine.web.strict import Strict

ENROLMENT_IMAGE_BYTES_MAX = 2 * 1024 * 1024
NOTE_LENGTH_MAX = 300


def _known_region(value: str) -> str:
    if not region_exists(value):
        message = "must be a Kemendagri code"
        raise ValueError(message)
    return value


def _one_line(value: str) -> str:
    if not value.isprintable() or not value.strip():
        message = "must be one line of text"
        raise ValueError(message)
    return value.strip()


Region = Annotated[StrictStr, Field(max_length=13), AfterValidator(_known_region)]
Note = Annotated[StrictStr, Field(max_length=NOTE_LENGTH_MAX), AfterValidator(_one_line)]
Witness = Annotated[StrictStr, Field(max_length=120), AfterValidator(_one_line)]
Language = Annotated[StrictStr, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})?$")]
Pictures = list[Annotated[StrictStr, AfterValidator(decoded_picture)]]


class ConsentIn(Strict):
    """What the KPM was told and what she said. `given` false costs her nothing."""

    given: StrictBool
    text_version: Code
    language: Language
    witness: Witness | None = None


class FactorIn(Strict):
    """One existing factor of the KPM: the PIN belanja, or the code that was sent to her."""

    kind: Literal["PIN", "CODE"]
    value: Digits6


class PlaceIn(Strict):
    """Where the pictures were taken."""

    region: Region
    shop_id: Code | None = None


class EnrolmentIn(Strict):
    """A face that is proposed; without consent no picture and no factor is looked at."""

    enrolment_id: Uuid7 | None = None
    kpm_id: Code
    person_id: Code
    consent: ConsentIn
    images: Pictures = Field(default_factory=list, max_length=PICTURES_MAX, validate_default=True)
    factor: FactorIn | None = None
    started_at: Moment
    finished_at: Moment
    place: PlaceIn

    @field_validator("images")
    @classmethod
    def _with_consent_some(cls, value: list[Any], info: ValidationInfo) -> list[Any]:
        consent = info.data.get("consent")  # missing when it was refused itself
        if consent is not None and consent.given and not value:
            message = f"1 to {PICTURES_MAX} pictures"
            raise ValueError(message)
        return value

    def to_proposal(self, enrolment_id: str) -> Proposal:
        """The value for the services."""
        consent, factor = self.consent, self.factor
        return Proposal(
            enrolment_id=self.enrolment_id or enrolment_id,
            kpm_id=self.kpm_id,
            person_id=self.person_id,
            images=enrolment_pictures(self.images),
            consent=Consent(consent.given, consent.text_version, consent.language, consent.witness),
            factor=Factor(factor.kind, factor.value.get_secret_value()) if factor else None,
            started_at=self.started_at,
            finished_at=self.finished_at,
            region=self.place.region,
            shop_id=self.place.shop_id,
        )


def enrolment_pictures(images: list[Any]) -> list[bytes]:
    """The pictures as bytes; 413 names the one that is too large."""
    for place, image in enumerate(images):
        if len(image) > ENROLMENT_IMAGE_BYTES_MAX:
            raise ProblemError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "IMAGE_TOO_LARGE",
                f"Gambar paling besar {ENROLMENT_IMAGE_BYTES_MAX // 1024} KiB.",
                f"images.{place}",
            )
    return images


class CodeAskIn(Strict):
    """Send the KPM a code that is good for this enrolment only."""

    enrolment_id: Uuid7
    kpm_id: Code


class DecisionIn(Strict):
    """What the officer says of one look-alike, and why."""

    finding: StrictInt
    decision: Decision
    note: Note


class ApproveIn(Strict):
    """One decision for each look-alike; none when there is none."""

    decisions: list[DecisionIn] = Field(default_factory=list, max_length=FINDINGS_MAX)

    @field_validator("decisions")
    @classmethod
    def _each_once(cls, value: list[DecisionIn]) -> list[DecisionIn]:
        if len({each.finding for each in value}) != len(value):
            message = "one decision for each finding"
            raise ValueError(message)
        return value

    def said(self) -> dict[int, Said]:
        """The value for the services."""
        return {each.finding: Said(each.decision, each.note) for each in self.decisions}


class NoteIn(Strict):
    """Why an enrolment is refused or taken back."""

    note: Note


class FaceLockIn(Strict):
    """The KPM, proven at a till, locks her face or takes her consent back."""

    till_id: Code
    payer: TokenIn
    reason: Literal["LOCK", "WITHDRAW"]


class FaceUnlockIn(Strict):
    """The KPM, proven by something else than a face, unlocks her face."""

    till_id: Code
    payer: TokenIn
