"""The words of the business: what is sold, to whom, what was paid, and what follows from it."""
