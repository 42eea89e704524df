"""The route table: the whole HTTP surface on one page, each with its limit; it leaves the work to the handlers."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from api import content, following, openapi, operating, preview, reading, receiving, uploads, watching
from api.direct import DirectRoute
from api.limits import HeaderLimiter
from shared.events import SCHEMA_PATH
from shared.full_receipt import FullReceipt
from shared.settings import Settings

Handler = Callable[..., Any]


def add_routes(app: FastAPI, limiter: HeaderLimiter, settings: Settings) -> None:
    """Add every route to the app."""
    write = limiter.limited(settings.rate_limit)
    read = limiter.limited(settings.read_rate_limit)
    free: Callable[[Handler], Handler] = limiter.exempt

    def add(methods: str, path: str, handler: Handler, tag: str, *, direct: bool = False, **documented: Any) -> None:
        for method in methods.split():
            app.router.add_api_route(
                path,
                handler,
                methods=[method],
                tags=[tag],
                include_in_schema=method != "HEAD",
                route_class_override=DirectRoute if direct else None,
                **documented,
            )

    one, upload = "/ingest/{ingest_id}", "/uploads/{upload_id}"
    add("POST", "/ingest", write(receiving.post_ingest), "send", direct=True, **openapi.POST_INGEST)
    create, use, options = write(uploads.post_upload), read(uploads.use_upload), free(uploads.get_upload_options)
    add("POST", "/uploads", create, "send", **openapi.POST_UPLOAD)
    app.add_api_route("/uploads/", create, methods=["POST"], include_in_schema=False)  # as many clients are told it
    add("PATCH", upload, use, "send", **openapi.APPEND)
    add("HEAD DELETE POST", upload, use, "send", **openapi.UPLOAD)
    add("OPTIONS", "/uploads", options, "send", **openapi.UPLOAD_OPTIONS)
    add("OPTIONS", upload, options, "send", **openapi.UPLOAD_OPTIONS)
    add("GET", "/ingest", read(reading.list_ingests), "read", **openapi.answers(reading.ReceiptPage, 400))
    add("GET", one, read(reading.get_ingest), "read", **openapi.answers(FullReceipt, 404))
    add("GET HEAD", f"{one}/content", read(content.get_content), "read", **openapi.CONTENT)
    add("GET HEAD", f"{one}/preview", read(preview.get_preview), "read", **openapi.PREVIEW)
    add("GET", f"{one}/events", read(following.follow_ingest), "read", **openapi.SSE)
    add("POST", f"{one}/replay", read(operating.replay_ingest), "operate", **openapi.REPLAY)
    add("POST", "/replay", read(operating.replay_ingests), "operate", **openapi.REPLAY_MANY)
    add("POST", f"{one}/release", read(operating.release_ingest), "operate", **openapi.RELEASE)
    add("GET", "/quarantine", read(reading.list_quarantine), "operate", **openapi.answers(reading.ReceiptPage, 400))
    add("DELETE", one, read(operating.delete_ingest), "operate", **openapi.DELETE)
    add("GET", "/deliveries", read(operating.list_deliveries), "operate", **openapi.DELIVERIES)
    add("POST", "/deliveries/replay", read(operating.replay_deliveries), "operate", **openapi.REDELIVER)
    add("GET", "/events", read(following.list_events), "follow", **openapi.EVENTS)
    add("GET", SCHEMA_PATH, read(watching.get_event_schema), "follow")
    add("GET", "/health", free(watching.get_health), "watch")
    add("GET", "/ready", free(watching.get_ready), "watch", **openapi.answers(watching.Readiness, 503))
    add("GET", "/metrics", free(watching.get_metrics), "watch", response_class=openapi.PlainTextResponse)
