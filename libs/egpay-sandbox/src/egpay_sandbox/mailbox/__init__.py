"""Every e-mail that is sent in development ends here, and nowhere else."""
