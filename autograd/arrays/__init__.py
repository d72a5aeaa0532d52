"""How a tensor behaves as an array, without a word about derivatives.

`intake`: arrays of the user taken in. `methods`: NumPy's array methods. `parameters`: arguments of NumPy's functions by
name. `views`: which tensors show a part of another one, and how a write through them reaches it. `exchange`: the array
API standard and DLPack. `show`: small tables as text and HTML. `source_lines`: the line of the user's program that
called an operation.
"""
