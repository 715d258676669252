"""What Prometheus reads: every series of the program, declared once and rendered from board and counters."""
