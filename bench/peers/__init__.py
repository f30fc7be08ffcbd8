"""What a user might pick instead, installed from its registry into a folder that may be thrown away."""
