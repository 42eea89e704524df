"""Identification and dangers in the cage, where nothing can be opened: the same as outside of it."""

import io

from shared.findings import Danger
from shared.ingest import Reason
from shared.policy import Policy, Sent
from tests.unit import containers, samples
from tests.unit.kinds import SAMPLES
from workers.cage.cage import Cage
from workers.examine.examination import Claim, Examine
from workers.examine.examine import examine, prepare

HOSTILE = {
    "svg with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', Danger.ACTIVE_CONTENT),
    "svg with entities": (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', Danger.ACTIVE_CONTENT),
    "svg in an odd encoding": (b'<?xml version="1.0" encoding="cp037"?><svg><script/></svg>', Danger.ACTIVE_CONTENT),
    "gif and php": (samples.image("GIF") + b"<?php system($_GET[0]); ?>", Danger.POLYGLOT),
    "png and zip": (samples.image("PNG") + containers.zipped("a"), Danger.POLYGLOT),
    "installer": (containers.ole(clsid=bytes.fromhex("84100c0000000000c000000000000046")), Danger.EXECUTABLE),
    "script": (b"#!/bin/sh\nrm -r /\n", Danger.SCRIPT),
    "moving photo": (samples.image("JPEG") + samples.video(), Danger.TRAILER),
}


async def test_the_cage_finds_what_is_found_outside_of_it(tmp_path):
    path = tmp_path / "file"
    prepare()
    async with Cage() as cage:
        for name, content in SAMPLES.items():
            path.write_bytes(content)
            caged, free = await cage.examine(path, Examine()), examine(io.BytesIO(content), Claim())
            assert caged.model_copy(update={"seconds": free.seconds}) == free, name


async def test_dangers_come_out_of_the_cage(tmp_path):
    path = tmp_path / "file"
    async with Cage() as cage:
        for name, (content, danger) in HOSTILE.items():
            path.write_bytes(content)
            found = await cage.examine(path, Examine())
            assert danger in {finding.danger for finding in found.findings}, name


async def test_the_claim_goes_into_the_cage(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"a\n1\n")
    async with Cage() as cage:
        table = await cage.examine(path, Examine(claim=Claim(filename="a.csv")))
        text = await cage.examine(path, Examine(claim=Claim(filename="a.txt")))
    assert (table.media_type, text.media_type) == ("text/csv", "text/plain")


async def test_an_honest_script_passes_and_a_disguised_one_does_not(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"#!/usr/bin/env python3\nprint(1)\n")
    reasons = {}
    async with Cage() as cage:
        for filename in ("tool.py", "data.csv", "photo.jpg"):
            found = await cage.examine(path, Examine(claim=Claim(filename=filename)))
            judged = Policy(1 << 30).judge(Sent(found.media_type, None, filename), found.findings)
            reasons[filename] = found.reason or judged.reason
    assert reasons == {"tool.py": None, "data.csv": Reason.SCRIPT, "photo.jpg": Reason.CONTENT_MISMATCH}
