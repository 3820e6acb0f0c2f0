"""The two-way model by closed forms and Gibbs steps: rows, steps, states, and moments of cells."""
