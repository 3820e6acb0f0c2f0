"""Chains that are carried on from one answer to the next, instead of a refit."""
