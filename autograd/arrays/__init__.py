"""How a tensor behaves as an array, without a word about derivatives.

`methods`: NumPy's array methods. `parameters`: arguments of NumPy's functions by name. `show`: small tables as text and
HTML. `source_lines`: the line of the user's program that called an operation.
"""
