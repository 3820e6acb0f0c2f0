"""Studies of the paper's two parameters."""
