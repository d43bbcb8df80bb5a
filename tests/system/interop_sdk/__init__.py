"""Drives the sandbox with OneLogin's Python SDK."""
