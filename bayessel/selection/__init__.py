"""Selections: ask, tell, and keep every answer."""
