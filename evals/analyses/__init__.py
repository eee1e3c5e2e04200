"""Figures that are made of all rows at once: confusion, calibration, selective answering, blame."""
