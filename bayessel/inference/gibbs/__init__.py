"""Gibbs sampling of the regression: one step, chains of steps, and the population from them."""
