"""How a command beside the launcher finds its Redis."""

from shared.embedded_redis import noted, with_embedded_redis
from shared.settings import Settings

URL = "redis://127.0.0.1:40000/0"


def found(monkeypatch, data_dir, **given):
    monkeypatch.delenv("REDIS_URL", raising=False)
    return with_embedded_redis(Settings(_env_file=None, data_dir=data_dir, **given)).redis_url


def test_the_address_is_found_while_it_runs_and_no_longer(monkeypatch, tmp_path):
    default = found(monkeypatch, tmp_path)
    with noted(URL, tmp_path):
        assert found(monkeypatch, tmp_path) == URL
    assert found(monkeypatch, tmp_path) == default != URL


def test_a_redis_that_somebody_chose_stays(monkeypatch, tmp_path):
    chosen = "redis://elsewhere/3"
    with noted(URL, tmp_path):
        assert found(monkeypatch, tmp_path, redis_url=chosen) == chosen


def test_an_address_that_a_kill_left_is_overwritten(monkeypatch, tmp_path):
    left = noted("redis://127.0.0.1:1/0", tmp_path)
    left.__enter__()
    with noted(URL, tmp_path):
        assert found(monkeypatch, tmp_path) == URL
