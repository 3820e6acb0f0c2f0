"""Repeat selections on sub-tasks of a judged task and count how often they are right."""
