"""Whether to speak: calibrated confidence, and silence with its reason."""
