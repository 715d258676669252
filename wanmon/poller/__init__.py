"""Asking every device when its time has come, and making states, rows and metrics of what comes back."""
