"""Which text statistics a model reads where none are named."""

from __future__ import annotations

import numpy as np

from bayessel import Selector, make_strategy
from bayessel.studies.play import play, sure
from bayessel.weak_judges import BUILT_IN


def test_the_default_reads_none_and_other_models_all():
    assert make_strategy("bayessel").weak_judges == ()
    assert make_strategy("bayessel", model="regression").weak_judges == BUILT_IN
    spread = make_strategy("bayessel", acquisition="spread", whole_queries=True)
    assert spread.weak_judges == BUILT_IN


def test_options_record_only_what_differs_from_the_models_own():
    assert "weak_judges" not in make_strategy("bayessel").options
    assert "weak_judges" not in make_strategy("bayessel", model="regression").options
    named = make_strategy("bayessel", weak_judges=("length",))
    assert named.options["weak_judges"] == ["length"]
    none = make_strategy("bayessel", model="regression", weak_judges=())
    assert none.options["weak_judges"] == []


def test_a_study_does_not_lend_the_default_what_others_read(task):
    strategy = make_strategy("bayessel", draws=200)
    scored = Selector(task, make_strategy("bayessel", weak_judges=("length",))).task
    found = [play(one, strategy, 20, 1, sure) for one in (task, scored)]
    np.testing.assert_array_equal(found[0].p_best, found[1].p_best)
