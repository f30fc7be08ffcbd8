"""Test kit of the service: doubles of its own ports, and the application in memory."""
