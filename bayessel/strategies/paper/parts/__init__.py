"""What several reference methods share."""
