"""Fitting what the bundle holds on the train and dev parts of the data."""
