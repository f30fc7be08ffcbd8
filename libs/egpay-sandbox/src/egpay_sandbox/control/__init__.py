"""Control API under /sandbox: does on demand everything that may happen to a buyer or to a network."""
