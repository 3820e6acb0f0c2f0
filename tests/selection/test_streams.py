from __future__ import annotations

from typing import get_args

import numpy as np

from bayessel.selection.streams import Purpose, stream


def test_a_stream_is_the_same_again_and_apart_from_all_others():
    keys = [(p, s, c) for p in get_args(Purpose) for s in (0, 1) for c in (0, 1, 7)]
    first = {key: stream(key[0], seed=key[1], cells=key[2]).random() for key in keys}
    again = {key: stream(key[0], seed=key[1], cells=key[2]).random() for key in keys}
    assert first == again
    assert len(set(first.values())) == len(keys)
    assert np.random.default_rng(0).random() not in first.values()  # a caller's own, same seed
