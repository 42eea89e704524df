"""`python -m operate`: runs one command on the catalog and DATA_DIR; it leaves the work to `looking` and `driving`.

It ends with 0; with 1 where `check` found something; with 2 and a sentence on stderr where it could not do its work.
"""

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AsyncExitStack

from operate.arguments import parser
from operate.printing import Printer
from shared.embedded_redis import with_embedded_redis
from shared.errors import IngestionError, Unavailable
from shared.settings import Settings, read_settings
from shared.wiring import Services, open_services

REFUSED = 2
INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that the words say, and return the exit code."""
    options = parser().parse_args(words)
    try:
        return asyncio.run(_run(options, with_embedded_redis(read_settings())))
    except IngestionError as fault:
        return _refuse(f"{fault.detail.removesuffix('.')}.")
    except SystemExit as wrong:
        return _refuse(str(wrong))
    except BrokenPipeError:  # as in `… | head`: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


async def _run(options: Namespace, settings: Settings) -> int:
    async with AsyncExitStack() as stack:
        services = await _opened(settings, stack)
        await services.catalog.ping()
        code: int = await options.command(options, services, Printer(as_json=options.json))
        sys.stdout.flush()
        return code


async def _opened(settings: Settings, stack: AsyncExitStack) -> Services:
    if not settings.data_dir.is_dir():
        raise Unavailable(f"DATA_DIR={settings.data_dir} is no folder.")
    try:
        return await stack.enter_async_context(open_services(settings))
    except ValueError as wrong:
        raise Unavailable(str(wrong)) from wrong


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
