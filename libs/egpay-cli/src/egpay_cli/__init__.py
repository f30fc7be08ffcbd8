"""What an operator needs to see and to mend, from a terminal."""
