"""Checks of gradients against numerical ones."""
