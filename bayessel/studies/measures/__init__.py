"""What a study measures: one question a file, each a function from runs to a tidy table."""
