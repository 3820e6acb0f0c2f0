"""Families of weak judges: one file each, which defines ``FAMILY``."""
