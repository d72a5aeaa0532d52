"""From a program to text: lifetimes, buffers, names."""
