"""SSH: logins on routers, with strict host keys and a deadline for everything."""
