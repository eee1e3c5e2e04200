"""Replies by a language model: its prompts, its provider, and the check of every sentence it writes."""
