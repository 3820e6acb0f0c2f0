"""The weak judges, one family a file."""
