"""The passes of the compiler."""
