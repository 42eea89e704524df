"""A tiny request again and again, a program of its own: prints how many ms each took, once its input is closed."""

import json
import select
import sys
import time

from bench.wire import connected, head, response

EVERY_SECONDS = 0.01


def main(port: int, path: str) -> None:
    """Ask over one connection until the input ends."""
    times: list[float] = []
    request = head("GET", path, 0)
    with connected(port) as server:
        while not select.select([sys.stdin], [], [], EVERY_SECONDS)[0]:
            begun = time.perf_counter()
            server.sendall(request)
            response(server)
            times.append((time.perf_counter() - begun) * 1000)
    print(json.dumps(times))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
