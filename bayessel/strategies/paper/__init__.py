"""The reference methods of arXiv 2510.09418, one file each."""
