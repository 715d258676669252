"""What the operator set: `wanmon.toml`, `secrets.toml`, and where the program's own data files lie."""
