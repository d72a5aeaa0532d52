"""All facts of a function in one entry: derivatives, batches, memory, and how a compiled program writes it.

Read `entries` first: the table, and the fields of an entry. `define` has the words that fill it (`defvjp` and its kin),
which stand in `autograd.rules` and, for users, in `autograd.extend`. `operations` are the functions of our own.
"""
