"""Tests with a real scheduler, a package of their own so that each conftest.py is known apart."""
