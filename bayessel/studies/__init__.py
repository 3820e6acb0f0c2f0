"""Repeat selections on sub-tasks of judged data sets and count how often they are right."""

from bayessel.studies.study import Study, run

__all__ = ["Study", "run"]
