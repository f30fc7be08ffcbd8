"""How the database grows up: one small step after another, each of which also knows the way back."""
