"""What the machine itself gives: the time, and randomness that nobody can guess."""
