"""The only room that talks to MLflow: runs, traces, verdicts, prompts and models on SQLite in ``mlruns/``."""
