"""From rows to predictions and a recorded run: systems, runner, journal, budget, cache, store."""
