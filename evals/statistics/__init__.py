"""Intervals and tests, in numpy alone: bootstrap, paired tests, corrections, power."""
