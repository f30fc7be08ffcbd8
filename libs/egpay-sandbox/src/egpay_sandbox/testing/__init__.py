"""A sandbox inside a test: on free ports, in the test's own loop, with somebody who hears what it tells."""
