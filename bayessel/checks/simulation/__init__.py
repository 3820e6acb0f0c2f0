"""Simulation-based calibration: does inference recover what the model itself makes."""
