"""The one moment that cannot be hit from outside: between the work on an ingest and the commit of its end."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

ENDS = {"completed", "rejected", "failed"}


def at_the_first_end(number: signal.Signals) -> Callable[[ModuleType], None]:
    """Return a patch: who is first about to save an end signals itself; `provoked` names it, `over` that it went on."""

    def patch(module: ModuleType) -> None:
        save = module.SqlCatalog.save

        async def provoked_save(self, before, after, *rest, **named):
            first = str(after.state) in ENDS and _is_first()
            if first:
                os.kill(os.getpid(), number)
            try:
                return await save(self, before, after, *rest, **named)
            finally:
                if first:
                    _mark("over")

        module.SqlCatalog.save = provoked_save

    return patch


def _is_first() -> bool:
    try:
        _mark("provoked")
    except FileExistsError:
        return False
    return True


def _mark(name: str) -> None:
    with Path(os.environ["DATA_DIR"], name).open("x") as file:
        file.write(f"{os.getpid()}\n")
