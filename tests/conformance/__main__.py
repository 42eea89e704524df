"""`python -m tests.conformance --url http://…/uploads`: how far a server keeps tus 1.0.0, as Markdown."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.conformance.case import MAY, MUST, SHOULD
from tests.conformance.server import Server
from tests.conformance.suite import Outcome, Result, results

LEVELS = (MUST, SHOULD, MAY)


def table(done: Sequence[Result]) -> str:
    """Return what passed of what, by extension and level."""
    extensions = list(dict.fromkeys(result.case.extension for result in done))
    lines = [_row("extension", *LEVELS, "all"), _row(*["---"] * 5)]
    lines += [_line(name, [result for result in done if result.case.extension == name]) for name in extensions]
    return "\n".join([*lines, _line("all", done)])


def failures(done: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each case that was not met."""
    for result in done:
        if result.outcome is Outcome.FAILED:
            yield f"- {result.case.level} {result.case.name} ({result.case.section}): {result.reason}"


def _line(name: str, done: Sequence[Result]) -> str:
    levels = [[result for result in done if result.case.level == level] for level in LEVELS]
    return _row(name, *map(_share, [*levels, done]))


def _share(done: Sequence[Result]) -> str:
    counted = Counter(result.outcome for result in done)
    return f"{counted[Outcome.PASSED]}/{len(done)}" if done else ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run all cases, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--url", required=True, help="where uploads are created")
    with Server.at(parser.parse_args().url) as server:
        done = list(results(server))
    print(table(done), *failures(done), sep="\n")


if __name__ == "__main__":
    main()
