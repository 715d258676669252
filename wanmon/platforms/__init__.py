"""How the command lines of routers speak: one file for each platform, which is its own registry."""
