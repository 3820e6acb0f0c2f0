"""What the reference methods compute, and their compiled replays."""
