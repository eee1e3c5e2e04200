"""Extractive hand-over notes: the issue, what was done, how it ended, what comes next."""
