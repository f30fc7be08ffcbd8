"""One folder per technology, each behind a port; none of them knows another."""
