"""The messages between a service and its cage; it leaves sending them to cage.py and warm.py.

The service sends one packet for each file: a Request, with the file's descriptor and one end of a stream of its own
beside it (SCM_RIGHTS). On that stream come one line of Report, the answer's bytes and the end. Closing the other end
calls the work off. Before the answer may stand one that holds where the work ends early, with SO_FAR behind it.
"""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from workers.examine.examination import Question

MAX_ANSWER_BYTES = 1024 * 1024
MAX_PACKET_BYTES = 64 * 1024

SO_FAR = b"\x1e"
"""The record separator, which JSON holds as an escape alone: RFC 8259, section 7."""

WARM_MODULE = "workers.cage.warm"
WORK = "workers.examine.work"
"""The work that a cage does by default."""


@dataclass(frozen=True, slots=True)
class CageLimits:
    """What one file may take."""

    memory_bytes: int = 512 * 1024 * 1024
    """Address space beyond the cage's own."""
    cpu_seconds: int = 20
    wall_seconds: float = 30.0


class Layer(StrEnum):
    """One of the means that hold a child, in the order in which they are named."""

    RLIMITS = "rlimits"
    NO_NEW_PRIVS = "no_new_privs"
    SECCOMP = "seccomp"
    LANDLOCK = "landlock"
    NETNS = "netns"


class Outcome(StrEnum):
    """How the child ended."""

    OK = "ok"
    CRASHED = "crashed"
    MEMORY = "memory"
    CPU = "cpu"
    TIMED_OUT = "timed_out"
    OVERLONG = "overlong"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(_Message):
    """The cage is warm; `level` names the layers that hold its children."""

    level: tuple[Layer, ...]


class Request(_Message):
    """What is asked of one file."""

    question: Question
    limits: CageLimits


class Report(_Message):
    """How it went; the answer follows where the outcome is ok, the fault's text where the child crashed with one."""

    outcome: Outcome
    exit_code: int | None = None
    signal: int | None = None
    max_rss_bytes: int = Field(ge=0)
    seconds: float = Field(ge=0)
