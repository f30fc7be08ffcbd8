"""Rules: what follows from several facts together, computed from the books in any order."""
