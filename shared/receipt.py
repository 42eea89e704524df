"""Receipt: what the sender keeps and reads again; it leaves choosing what to show to the routes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from shared.digest import sha256_digest
from shared.ingest import MAX_PRIORITY, REASONS, Ingest, Preview, Reason, State, Verdict
from shared.metadata import KINDS, Metadata


class Links(BaseModel):
    """Where to go from here, as absolute URLs."""

    self: str
    events: str = Field(description="Server-sent events: every move until the final state")
    content: str = Field(description="The bytes, once completed")
    preview: str | None = Field(description="A small picture as WebP; null unless made")


class ReasonModel(BaseModel):
    """A reason code with its sentence."""

    code: Reason = Field(description=" ".join(f"`{reason}`: {text}" for reason, text in REASONS.items()))
    text: str = Field(description="The code's sentence")


class VerdictModel(BaseModel):
    """What the pipeline found."""

    reasons: list[ReasonModel]
    detail: str | None
    warnings: list[str]

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Return the verdict with the sentence for each reason."""
        reasons = [ReasonModel(code=reason, text=REASONS[reason]) for reason in verdict.reasons]
        return cls(reasons=reasons, detail=verdict.detail, warnings=list(verdict.warnings))


class Receipt(BaseModel):
    """The sender's proof: an accepted file with its id, size and digest, and what has become of it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: State
    filename: str = Field(description="The name made safe")
    original_filename: str = Field(description="The name as it was sent")
    size: int | None = Field(description="Bytes")
    sha256: str | None = Field(description="Hex; of an upload in parts it may be known only after processing")
    digest: str | None = Field(description="RFC 9530, as in Repr-Digest")
    declared_type: str | None
    media_type: str | None = Field(description="What the content is; known after processing")
    kind: str | None = Field(description=f"{', '.join(KINDS)}; known after processing")
    metadata: Metadata | None = Field(description="By kind; null unless completed")
    preview: Preview | None = Field(description="none where none could be made; null where none was ever wanted")
    verdict: VerdictModel
    labels: dict[str, str]
    attempts: int
    created_at: datetime
    received_at: datetime | None
    completed_at: datetime | None
    quarantined_until: datetime | None = Field(description="Until when a rejected file's bytes are kept; null: not")
    overridden: list[Reason] = Field(description="Reasons that an operator has set aside")
    waiting: str | None = Field(description="Why it waits, where it does")
    links: Links

    @classmethod
    def of(cls, ingest: Ingest, base_url: str) -> Self:
        """Return the receipt of an ingest; `base_url` is ours as the sender sees it, without a final slash."""
        here = f"{base_url}/ingest/{ingest.id}"
        return cls(
            **{name: getattr(ingest, name) for name in _SAME},
            digest=str(sha256_digest(ingest.sha256)) if ingest.sha256 else None,
            verdict=VerdictModel.of(ingest.verdict),
            waiting=waiting(ingest),
            links=Links(
                self=here,
                events=f"{here}/events",
                content=f"{here}/content",
                preview=f"{here}/preview" if ingest.preview is Preview.MADE else None,
            ),
        )


_SAME = (
    "id", "state", "filename", "original_filename", "size", "sha256", "declared_type", "media_type", "kind",
    "metadata", "preview", "labels", "quarantined_until", "overridden", "attempts", "created_at", "received_at",
    "completed_at",
)  # fmt: skip


def waiting(ingest: Ingest) -> str | None:
    """Say for an operator, from the row alone, why an ingest is not yet further."""
    if ingest.state is State.RECEIVING:
        return f"Its sender has not sent all of it; the upload was begun at {moment(ingest.created_at)}."
    if ingest.state is State.RECEIVED:
        return " ".join(_waits_for_a_worker(ingest))
    if ingest.state is State.PROCESSING:
        return f"A worker has it since {moment(ingest.updated_at)} (attempt {ingest.attempts})."
    if ingest.preview is Preview.WANTED and ingest.completed_at:
        return f"Its preview is wanted since {moment(ingest.completed_at)}; it is made while no file waits."
    return None


def _waits_for_a_worker(ingest: Ingest) -> Iterator[str]:
    since = f"Waiting for a worker since {moment(ingest.updated_at)}"
    yield f"{since}; {ingest.why}" if ingest.why else f"{since}."
    if ingest.priority:
        yield f"Others go first, since it came with many at once (priority {ingest.priority} of {MAX_PRIORITY})."
    if ingest.due_at and ingest.due_at > ingest.updated_at:
        yield f"A worker is asked for at {moment(ingest.due_at)}, if none has come by then."


def moment(at: datetime) -> str:
    """Return a moment as sentences have it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
