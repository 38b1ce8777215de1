"""Obtaining published files over a network that fails: what to ask for, how to ask, and what became of it."""
