"""Two runs on the same rows: what is better, what broke, and whether the new may replace the old."""
