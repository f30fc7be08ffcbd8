"""Launcher: everything that `make up` starts, so that one command gives a newcomer the whole system."""
