"""The rules that decide what is up and what is down. Pure: no I/O, no clock, no randomness."""
