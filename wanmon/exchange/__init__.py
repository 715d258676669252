"""Files are proposals: reading them, and planning what they would change. Writes neither files nor the database."""
