"""The launcher's pure parts: the Procfile, what processes get to know, addresses."""

import pytest

from deploy.local.environment import child_environment, given_redis, isolated
from deploy.local.faults import BadProcfile
from deploy.local.output import Log
from deploy.local.ports import free_ports, reachable
from deploy.local.processes import LONGEST_PAUSE_SECONDS, SETTLING_SECONDS, pause_after
from deploy.local.procfile import Command, parse_procfile
from shared.settings import Settings


def test_a_procfile_is_read_with_its_variables():
    text = "# what runs\n\nweb: serve --on=$HOST '${PORT} or so'\n"
    assert parse_procfile(text, {"HOST": "::1", "PORT": "80"}) == [Command("web", ("serve", "--on=::1", "80 or so"))]


def test_a_value_with_a_space_stays_one_word():
    assert parse_procfile("a: run $DIR", {"DIR": "my 'data'"}) == [Command("a", ("run", "my 'data'"))]


@pytest.mark.parametrize("line", ["no colon", "name:", "name: 'open", "name: $NOWHERE", "name: 5$"])
def test_a_line_that_is_no_command_is_refused(line):
    with pytest.raises(BadProcfile):
        parse_procfile(line, {})


def test_redis_is_given_by_the_environment_or_by_the_env_file(monkeypatch, tmp_path):
    monkeypatch.delenv("REDIS_URL", raising=False)
    file = tmp_path / ".env"
    file.write_text("REDIS_URL=redis://10.0.0.1/0\n")
    assert given_redis(Settings(_env_file=file)) == "redis://10.0.0.1/0"
    assert given_redis(Settings(_env_file=None)) is None
    monkeypatch.setenv("REDIS_URL", "redis://10.0.0.2/0")
    assert given_redis(Settings(_env_file=file)) == "redis://10.0.0.2/0"
    monkeypatch.setenv("REDIS_URL", "")
    assert given_redis(Settings(_env_file=file)) is None


def test_isolated_settings_know_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("RATE_LIMIT", "1/hour")
    settings, environ = isolated({"RATE_LIMIT": "1/hour", "HOME": "/home"}, port=18000)
    assert (settings.rate_limit, settings.port) == ("5/minute", 18000)
    assert (environ["RATE_LIMIT"], environ["PORT"], environ["HOME"]) == ("5/minute", "18000", "/home")
    assert given_redis(settings) is None


def test_what_is_unset_stays_unset_in_the_processes_environment(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    environ = child_environment({}, settings, "redis://h/0", "mark")
    assert environ["DATA_DIR"] == str(tmp_path)
    assert environ["REDIS_URL"] == "redis://h/0"
    assert not {"PORT", "DATABASE_URL"} & set(environ)


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "127.0.0.1:80"), ("::", "[::1]:80"), ("box", "box:80")],
)
def test_an_address_is_one_that_this_machine_reaches(host, address):
    assert reachable(host, 80) == address


def test_free_ports_differ():
    assert len(set(free_ports(20))) == 20


def test_a_process_that_had_settled_is_started_again_at_once_and_one_that_keeps_dying_later_and_later():
    assert pause_after(SETTLING_SECONDS + 1, 0) == pause_after(SETTLING_SECONDS + 1, LONGEST_PAUSE_SECONDS) == 0
    pauses = [0.0]
    for _ in range(8):
        pauses.append(pause_after(1, pauses[-1]))
    assert pauses == [0, 1, 2, 4, 8, 16, 32, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_a_full_disk_costs_lines_of_the_log_and_not_the_launcher(tmp_path, capsys):
    (tmp_path / "api.log").symlink_to("/dev/full")
    log = Log("api", tmp_path)
    log.write("no room for this")
    log.close()
    assert list(log.last) == ["no room for this"]
    assert capsys.readouterr().err == ""
