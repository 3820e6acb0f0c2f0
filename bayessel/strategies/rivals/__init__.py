"""Rivals that choose cells: ways of spending calls that are known, a file each, for comparison."""
