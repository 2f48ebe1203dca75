"""Carry out a plan: compute blocks of starts on threads or processes, and commit them."""
