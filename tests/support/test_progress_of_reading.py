"""Who listens hears how far a file is read, also where it is packed."""

from __future__ import annotations

import gzip

from bayessel.support.progress import listening
from bayessel.support.reading import read_text


def test_a_listener_hears_the_bytes_of_the_file_itself(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"one\n" * 10_000))
    size, heard = path.stat().st_size, []
    with listening(lambda *told: heard.append(told)):
        assert read_text(path) == "one\n" * 10_000
    assert heard[-1] == (path, size, size)
    before = len(heard)
    read_text(path)
    assert len(heard) == before
