"""The guard against private addresses, without a network; it leaves the webhook around it to `test_webhook_sink`."""

from ipaddress import IPv4Address, ip_address

import httpcore
import pytest

from shared.adapters.public_network import AddressRefused, PublicNetwork, is_public, resolved

PUBLIC = ip_address("93.184.216.34")


class RecordingNetwork(httpcore.AsyncMockBackend):
    """Remembers where it was asked to connect to; `silent` addresses do not answer."""

    def __init__(self, *silent: str) -> None:
        super().__init__([])
        self.silent = silent
        self.asked: list[tuple[str, int, float | None]] = []

    async def connect_tcp(self, host, port, timeout=None, *args):
        self.asked.append((host, port, timeout))
        if host in self.silent:
            raise httpcore.ConnectTimeout
        return await super().connect_tcp(host, port, timeout, *args)


def guarded(network: RecordingNetwork, *answers: list[str]) -> PublicNetwork:
    """A guard over that network whose resolver gives those answers, one after the other."""
    remaining = iter(answers)

    async def resolve(host: str, port: int):
        return [ip_address(text) for text in next(remaining)]

    guard = PublicNetwork(resolve)
    guard._network = network
    return guard


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_an_address_that_is_not_public_is_told(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "93.184.216.34",
        "2606:4700:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
    ],
)
def test_a_public_address_is_told(text: str) -> None:
    assert is_public(ip_address(text))


async def test_the_connection_goes_to_exactly_the_address_that_was_checked() -> None:
    network = RecordingNetwork()
    await guarded(network, [str(PUBLIC)], ["127.0.0.1"]).connect_tcp("rebinding.example", 443)
    assert network.asked == [(str(PUBLIC), 443, None)]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    network = RecordingNetwork()
    with pytest.raises(AddressRefused):
        await guarded(network, [str(PUBLIC), "10.0.0.1"]).connect_tcp("mixed.example", 443)
    assert network.asked == []


async def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    network = RecordingNetwork("2606:4700:4700::1111")
    await guarded(network, ["2606:4700:4700::1111", str(PUBLIC)]).connect_tcp("two.example", 443, timeout=4)
    assert network.asked == [("2606:4700:4700::1111", 443, 2), (str(PUBLIC), 443, 2)]


async def test_a_host_none_of_whose_addresses_answers_is_a_failed_connection() -> None:
    network = RecordingNetwork("1.1.1.1", "8.8.8.8")
    with pytest.raises(httpcore.ConnectTimeout):
        await guarded(network, ["1.1.1.1", "8.8.8.8"]).connect_tcp("silent.example", 443, timeout=1)
    assert len(network.asked) == 2


async def test_a_host_without_an_address_is_a_failed_connection() -> None:
    async def resolve(host: str, port: int):
        raise OSError

    with pytest.raises(httpcore.ConnectError):
        await PublicNetwork(resolve).connect_tcp("nowhere.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
async def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(AddressRefused):
        await PublicNetwork().connect_tcp(host, 443)


async def test_the_system_resolves_names() -> None:
    assert IPv4Address("127.0.0.1") in await resolved("127.0.0.1", 80)
