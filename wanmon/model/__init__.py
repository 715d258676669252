"""The nouns of the program: what an inventory holds and what is observed of it. No session, no I/O."""
