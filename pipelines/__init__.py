"""The serving-safe core: understand, retrieve, draft, verify, decide."""
