"""Clients of the protocols that devices speak. They report what came back, and judge nothing."""
