"""Pictures of a run, for notebooks, reports and MLflow; matplotlib only."""
