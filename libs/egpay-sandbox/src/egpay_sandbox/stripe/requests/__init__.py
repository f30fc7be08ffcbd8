"""Request parameters as types: an undeclared one is refused by name."""
