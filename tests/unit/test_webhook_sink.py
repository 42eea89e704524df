"""The webhook: what it sends, whom it believes and what it refuses; it leaves the sinks' promises to their contract."""

import asyncio
import base64
import json
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from shared.adapters.webhook_sink import MAX_ANSWER_BYTES, WebhookSink, signature, signing_key
from shared.errors import DeliveryRefused, Unavailable
from tests.sample_event import sample_event
from tests.webhook_server import OK, WebhookServer, answer

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TIMEOUT = 0.5


@pytest.fixture
async def hook():
    async with WebhookServer().running() as server:
        yield server


@pytest.fixture
async def sink(hook: WebhookServer):
    sink = WebhookSink(hook.url + "?token=t", SECRET, TIMEOUT, allow_private=True)
    yield sink
    await sink.aclose()


def test_the_signature_is_that_of_the_reference_libraries() -> None:
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    ours = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert ours == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_official_library_verifies_what_arrives(hook: WebhookServer, sink: WebhookSink) -> None:
    event = sample_event()
    await sink.deliver(event)
    (request,) = hook.requests
    assert Webhook(SECRET).verify(request.body, request.headers) == event.model_dump(mode="json")
    assert request.headers["webhook-id"] == event.id


async def test_a_repeat_keeps_the_id_and_is_signed_at_its_own_time(hook: WebhookServer) -> None:
    moments = iter([time.time() - 60, time.time()])
    sink = WebhookSink(hook.url, SECRET, TIMEOUT, allow_private=True, clock=lambda: next(moments))
    event = sample_event()
    await sink.deliver(event)
    await sink.deliver(event)
    await sink.aclose()
    first, second = (request.headers for request in hook.requests)
    assert first["webhook-id"] == second["webhook-id"] == event.id
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) in (59, 60, 61)
    assert first["webhook-signature"] != second["webhook-signature"]


async def test_the_body_is_a_structured_cloudevent_sent_to_the_whole_url(
    hook: WebhookServer, sink: WebhookSink
) -> None:
    await sink.deliver(sample_event())
    (request,) = hook.requests
    assert request.target == "/hook?token=t"
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert json.loads(request.body)["specversion"] == "1.0"


async def test_without_a_secret_nothing_is_signed(hook: WebhookServer) -> None:
    sink = WebhookSink(hook.url, "", TIMEOUT, allow_private=True)
    await sink.deliver(sample_event())
    await sink.aclose()
    assert "webhook-signature" not in hook.requests[0].headers


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
async def test_any_2xx_is_a_yes(hook: WebhookServer, sink: WebhookSink, status: str) -> None:
    hook.answer = answer(status)
    await sink.deliver(sample_event())
    assert len(hook.requests) == 1


@pytest.mark.parametrize("status", [301, 307, 308, 400, 401, 404, 409, 410, 429, 500, 503])
async def test_everything_else_is_a_no_that_says_the_status(
    hook: WebhookServer, sink: WebhookSink, status: int
) -> None:
    hook.answer = answer(f"{status} X", f"Location: {hook.url}")
    with pytest.raises(DeliveryRefused, match=f"answered {status}"):
        await sink.deliver(sample_event())
    assert len(hook.requests) == 1, "a redirect is not followed"


@pytest.mark.parametrize(
    "nonsense",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"\0" * 300_000],
    ids=["ssh", "bad header", "zeros"],
)
async def test_what_is_no_http_is_unavailable(hook: WebhookServer, sink: WebhookSink, nonsense: bytes) -> None:
    hook.answer = nonsense
    with pytest.raises(Unavailable):
        await sink.deliver(sample_event())


async def test_an_answer_of_one_byte_at_a_time_ends_with_the_time_out(hook: WebhookServer, sink: WebhookSink) -> None:
    hook.pause = 0.1
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await sink.deliver(sample_event())
    assert time.monotonic() - started < TIMEOUT + 0.4
    hook.pause = 0
    await sink.deliver(sample_event())


async def test_a_yes_with_an_endless_body_is_a_yes_and_the_body_is_not_read(
    hook: WebhookServer, sink: WebhookSink
) -> None:
    body = b"x" * (MAX_ANSWER_BYTES * 64)
    hook.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + body
    await sink.deliver(sample_event())
    hook.answer = OK
    await sink.deliver(sample_event())
    first, second = hook.requests
    assert first.peer != second.peer, "the connection was given up"


async def test_a_connection_is_used_again_and_replaced_where_the_other_side_closed_it(
    hook: WebhookServer, sink: WebhookSink
) -> None:
    await sink.deliver(sample_event())
    await sink.deliver(sample_event())
    await hook.stop()
    await hook.start()
    await sink.deliver(sample_event())
    first, second, third = (request.peer for request in hook.requests)
    assert first == second != third


async def test_a_proxy_in_the_environment_is_not_used(
    hook: WebhookServer, sink: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    await sink.deliver(sample_event())
    assert len(hook.requests) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"])
async def test_a_private_address_is_refused_before_a_byte_is_sent(host: str) -> None:
    async with WebhookServer().running() as server:
        sink = WebhookSink(f"https://{host}:{server.port}/hook", SECRET, TIMEOUT)
        with pytest.raises(DeliveryRefused, match="WEBHOOK_ALLOW_PRIVATE"):
            await sink.deliver(sample_event())
        await sink.aclose()
        await asyncio.sleep(0)
        assert not server.connections


@pytest.mark.parametrize(
    ("url", "secret", "allow_private", "setting"),
    [
        ("https://example.org/hook", "", False, "WEBHOOK_SECRET"),
        ("http://example.org/hook", SECRET, False, "WEBHOOK_ALLOW_PRIVATE"),
        ("https://user:password@example.org/hook", SECRET, True, "PERCEPTION_SINKS"),
        ("https://@example.org/hook", SECRET, True, "PERCEPTION_SINKS"),
        ("ftp://example.org/hook", SECRET, True, "PERCEPTION_SINKS"),
        ("https:///hook", SECRET, True, "PERCEPTION_SINKS"),
        ("https://a..b/hook", SECRET, True, "PERCEPTION_SINKS"),
        ("https://example.org/☂", SECRET, True, "PERCEPTION_SINKS"),
        ("https://example.org/hook", "not a secret", False, "WEBHOOK_SECRET"),
        ("https://example.org/hook", SECRET.removeprefix("whsec_"), False, "WEBHOOK_SECRET"),
        ("https://example.org/hook", "whsec_", True, "WEBHOOK_SECRET"),
        ("https://example.org/hook", "whsec_c2hvcnQ=", True, "WEBHOOK_SECRET"),
        ("https://example.org/hook", "whsec_" + "ü" * 32, True, "WEBHOOK_SECRET"),
    ],
)
def test_what_would_not_be_safe_is_refused_at_once_and_names_the_setting(
    url: str, secret: str, allow_private: bool, setting: str
) -> None:
    with pytest.raises(ValueError, match=setting) as caught:
        WebhookSink(url, secret, TIMEOUT, allow_private=allow_private)
    assert "password" not in str(caught.value).replace("user or password", "")


def test_a_port_out_of_range_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Port"):
        WebhookSink("https://example.org:99999/hook", SECRET, TIMEOUT)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for `localhost` alone, and a server's context with it."""
    path, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(path)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key)
    return path, context


async def test_tls_believes_the_system_and_the_name(certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    path, context = certificate
    async with WebhookServer(tls=context).running() as hook:
        stranger = WebhookSink(hook.url, SECRET, TIMEOUT, allow_private=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        known = WebhookSink(hook.url, SECRET, TIMEOUT, allow_private=True)
        misnamed = WebhookSink(f"https://127.0.0.1:{hook.port}/", SECRET, TIMEOUT, allow_private=True)
        for sink in (stranger, misnamed):
            with pytest.raises(Unavailable):
                await sink.deliver(sample_event())
        await known.deliver(sample_event())
        for sink in (stranger, misnamed, known):
            await sink.aclose()
    assert len(hook.requests) == 1
