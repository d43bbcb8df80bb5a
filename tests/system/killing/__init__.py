"""Kills the daemon at random and looks at what is left."""
