"""Tasks: queries, candidates and their responses, with the outcomes that came with the data."""
