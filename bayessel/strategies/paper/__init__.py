"""The reference methods of arXiv 2510.09418: a file each, on what they share in ``base``."""
