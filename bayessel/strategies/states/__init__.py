"""What a sampler knows after some answers, and what acquisitions see of it."""
