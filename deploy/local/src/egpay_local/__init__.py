"""Everything that `make up` starts, so that a newcomer has the whole system from one command."""
