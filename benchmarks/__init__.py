"""How fast it is, next to NumPy written by hand and to other frameworks.

``python -m benchmarks`` prints the tables, ``python -m benchmarks install`` gets the other frameworks, into a folder of
their own."""
