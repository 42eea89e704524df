"""Takes one append's body into an object: limited, sniffed, one write in flight; it leaves the end to `appending`."""

from starlette.requests import ClientDisconnect

from api.gathering import Gathering
from api.patience import Patience, every, listening
from api.resuming.finding import prolonged
from api.resuming.holding import Held
from api.resuming.values import Append
from api.write_behind import WriteBehind
from shared.errors import IdleTimeout, IncompleteBody, MediaTypeNotAllowed, TooLarge, TooSlow, UploadStalled
from shared.policy import SNIFF_BYTES
from shared.ports import ObjectAppender
from shared.wiring import Services

PAUSE_SECONDS = 0.25
"""After so long a pause what came is written, though it is no full batch. So the offset tells all that a sender has
brought whose connection is gone, and who takes over there finds no more (IETF draft, section 4.6)."""


class Taking:
    """One body on its way. What came of it is kept, however it ends, unless it has a checksum to pass first."""

    def __init__(self, appended: Append, held: Held, services: Services) -> None:
        self._appended, self._services = appended, services
        self.held, self._appender = held, held.appender
        self._target = WriteBehind(self._begin, held.feed)
        self._gathering = Gathering(services.policy)
        self.exceeds = False
        """Whether more came than the upload's length; nothing of that was taken."""

    @property
    def size(self) -> int:
        """Bytes that the upload has with what was taken."""
        return self._gathering.total

    async def take(self) -> None:
        """Take the body in, to its end or to the upload's length.

        Raise MediaTypeNotAllowed or TooLarge, for good, or what broke it off: IncompleteBody, UploadStalled,
        UploadBusy, StorageFull or Stopping.
        """
        self._gathering = await self._continued()
        try:
            async with listening(self._services.settings, self._appender.wanted) as patience:
                with every(PAUSE_SECONDS, lambda: self._write_in_pause(patience)):
                    await self._listen(patience)
            await self._write_rest()
        except (MediaTypeNotAllowed, TooLarge):
            await self._target.settle()
            raise
        except BaseException as cause:
            await self._keep_what_came()
            if isinstance(cause, ClientDisconnect):
                raise IncompleteBody("The connection broke.") from cause
            if isinstance(cause, (IdleTimeout, TooSlow)):
                raise UploadStalled(cause.detail) from cause
            raise

    def end(self) -> None:
        """Judge a short file by what there is of it. Raise MediaTypeNotAllowed."""
        if self.size:
            self._gathering.end()

    async def _continued(self) -> Gathering:
        stored, head = self._appender.offset, b""
        sniffs = not self.held.resumable.is_part  # the first bytes of a part may be anywhere in the whole
        if sniffs and 0 < stored < SNIFF_BYTES:
            head = b"".join([piece async for piece in self._appender.read(0, stored)])
        return Gathering(self._services.policy, stored, head, sniffs=sniffs)

    async def _listen(self, patience: Patience) -> None:
        async for piece in self._appended.body:
            patience.heard(len(piece))
            if self._gathering.take(self._within(piece)):
                with patience.away():
                    await self._target.put(self._gathering.batch())
                    self.held.resumable = await prolonged(self.held.resumable, self._services)
            if self.exceeds:
                return

    def _write_in_pause(self, patience: Patience) -> None:
        if patience.silence >= PAUSE_SECONDS and self._gathering.waits and self._target.is_free:
            self._target.put_now(self._gathering.batch())

    def _within(self, piece: bytes) -> bytes:
        length = self.held.resumable.length
        if length is not None and self.size + len(piece) > length:
            self.exceeds = True
            return piece[: length - self.size]
        return piece

    async def _write_rest(self) -> None:
        if rest := self._gathering.batch():
            await self._target.put(rest)
        await self._target.drain()

    async def _keep_what_came(self) -> None:
        """Where a write has failed, `drain` says so again, and nothing is written behind the gap."""
        try:
            if not self._appended.checksum:
                await self._write_rest()
        finally:
            await self._target.settle()
            await (self._appender.take_back() if self._appended.checksum else self._appender.keep())

    async def _begin(self) -> ObjectAppender:
        return self._appender
