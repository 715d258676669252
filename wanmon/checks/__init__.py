"""Kinds of check, one file each: `Params`, and `run(target, params)` that answers a `Result`."""
