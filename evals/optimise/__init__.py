"""Prompts made better offline: the only room that imports DSPy; what it makes are the pinned prompt files."""
