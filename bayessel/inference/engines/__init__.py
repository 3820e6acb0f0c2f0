"""Engines: from a model and its data to posterior draws."""
