"""What the commands stand on: the root command, settings and database, output, errors. No command of its own."""
