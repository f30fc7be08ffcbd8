"""Letters: what each kind says, from what is true at the moment it is sent."""
