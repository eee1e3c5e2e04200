"""Reading and splitting data files."""
