"""What is personal in a text, and how to keep it from leaving: spans, redaction, pseudonyms."""
