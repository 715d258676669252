"""Checks as they are run: which site's asks whom, one question, the rounds of all of them, and what is held of each."""
