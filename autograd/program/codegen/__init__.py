"""Code generation: from a program to the text of a module (lifetimes, buffers, names, text, emit, native)."""
