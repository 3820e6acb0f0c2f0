"""What a person reads of a result: summaries, tables, files."""
