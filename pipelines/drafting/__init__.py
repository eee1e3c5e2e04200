"""From hits to verified drafts: evidence, ranking, composition, verification."""
