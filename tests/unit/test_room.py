"""The room of a worker child, where it cannot be opened: no child goes on without one."""

import pytest

from shared.errors import StorageFull
from shared.settings import Settings
from workers import room

FURNISHED = object()


@pytest.fixture
def opening(monkeypatch):
    """What opening a room meets, one after the other; a room comes with a part that says when it is closed."""
    faults, closed = [], []

    async def opened(_settings, stack, *, warm):
        stack.callback(closed.append, True)
        if faults:
            raise faults.pop()
        return FURNISHED

    monkeypatch.setattr(room, "_opened_room", opened)
    yield faults, closed
    room.close_room()


async def is_furnished(given):
    return given is FURNISHED


def test_a_room_that_could_not_be_opened_at_the_start_is_opened_by_the_first_task_that_can(opening):
    faults, closed = opening
    faults += [StorageFull(), StorageFull()]
    with pytest.raises(StorageFull):
        room.open_room(Settings(_env_file=None), warm=True)
    with pytest.raises(StorageFull):
        room.run(is_furnished)
    assert len(closed) == 2
    assert [room.run(is_furnished) for _ in range(2)] == [True, True]
    assert len(closed) == 2
