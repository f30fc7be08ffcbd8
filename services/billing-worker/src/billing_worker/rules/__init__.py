"""Rules that follow from the facts on the books, whichever event told them last: so order does not matter."""
