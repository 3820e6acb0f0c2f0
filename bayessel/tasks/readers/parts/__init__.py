"""What several readers share: files, names, outcomes, comparisons."""
