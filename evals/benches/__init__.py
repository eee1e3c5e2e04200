"""One bench a file: pure functions from data files to figures."""
