"""What verdicts say of the judges: position bias, repeatability, noise, agreement with gold."""
