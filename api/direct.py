"""Routes whose handler takes the request and returns the response; it leaves what they are documented by to FastAPI."""

from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import request_response


class DirectRoute(APIRoute):
    """A route for which nothing is resolved, parsed or encoded, but which the schema has like any other."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.app = request_response(self.endpoint)
