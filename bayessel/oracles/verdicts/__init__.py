"""Verdicts as they were said: what a request and a verdict are, and their ledger."""
