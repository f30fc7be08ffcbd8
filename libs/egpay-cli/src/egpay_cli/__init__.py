"""Operator CLI `egpay`: inspects, repairs and replays from a terminal."""
