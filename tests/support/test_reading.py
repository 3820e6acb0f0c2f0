"""Text files, or one line on why they cannot be read."""

from __future__ import annotations

import pytest

from bayessel.errors import DataError
from bayessel.support.reading import read_text


def test_a_byte_order_mark_is_dropped_and_line_ends_are_kept(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(b"\xef\xbb\xbfa\r\n\xc3\xa9")
    assert read_text(path) == "a\r\né"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"caf\xe9", "is not UTF-8: byte 0xe9 at offset 3; convert the file to UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "t.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"t\.txt {message}") as info:
        read_text(path)
    assert "\n" not in str(info.value)


def test_no_such_file_or_a_folder(tmp_path):
    with pytest.raises(DataError, match=r"cannot read .*absent: No such file"):
        read_text(tmp_path / "absent")
    with pytest.raises(DataError, match=r"cannot read .*directory; give a file"):
        read_text(tmp_path)
