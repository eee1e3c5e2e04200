"""Judgements that RAGAS makes, alone or with a language model as judge, and what such a judge is worth."""
