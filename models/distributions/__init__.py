"""Distributions that models are written with."""
