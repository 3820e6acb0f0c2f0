"""Generative models of judges: what their verdicts say of the judges, and not of the candidates."""
