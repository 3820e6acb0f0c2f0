"""What a sampler knows after some answers, what acquisitions see, and the questions that follow."""
