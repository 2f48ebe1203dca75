"""Tests in a real browser, a package of their own so that both conftest.py are known apart."""
