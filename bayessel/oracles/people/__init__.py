"""People as the oracle: they judge blind at a page in their browser.

:mod:`~bayessel.oracles.people.desk` hands out cells and takes verdicts,
:mod:`~bayessel.oracles.people.app` is the page, :mod:`~bayessel.oracles.people.offline` the page in
a file. What they need beyond bayessel is the extra ``bayessel[page]``.
"""
