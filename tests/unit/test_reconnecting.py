"""How soon the worker and beat come back to a Redis that was away."""

import socket

import pytest
from kombu.exceptions import OperationalError

from shared.settings import Settings
from tests.redis_server import RedisServer
from workers.celery_app import create_celery_app
from workers.reconnecting import LONGEST_PAUSE_SECONDS


def test_no_pause_between_two_attempts_is_longer_than_a_second(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
    app = create_celery_app(Settings(_env_file=None, data_dir=tmp_path, redis_url=url))
    pauses = []
    with app.connection_for_write() as connection, pytest.raises(OperationalError):
        connection.ensure_connection(lambda _fault, pause: pauses.append(pause), max_retries=3, timeout=30)
    assert len(pauses) >= 2
    assert max(pauses) <= LONGEST_PAUSE_SECONDS
    with app.connection_for_write() as connection:
        assert type(connection.clone()) is type(connection)


def test_after_its_transport_is_gone_a_message_cannot_be_acknowledged_and_the_connection_be_closed(tmp_path):
    """As kombu leaves it where Redis dies between its reading and its closing."""
    with RedisServer(tmp_path / "redis").running() as server:
        app = create_celery_app(Settings(_env_file=None, data_dir=tmp_path, redis_url=server.url))
        connection = app.connection_for_write()
        queue = connection.SimpleQueue("tasks")
        queue.put("a task")
        message = queue.get(timeout=5)
        connection.transport.client = None
        connection.default_channel._disconnect_pools()
        with pytest.raises(connection.connection_errors):
            message.ack()
    connection.close()
