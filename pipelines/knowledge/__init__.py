"""The knowledge room: reading, splitting, the store, and search."""
