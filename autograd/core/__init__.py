"""The engine. Its modules import those before them only, and are read in this order:

- `nest`, `registry`, `define`: containers and their leaves; all that is known of a function; how that is declared.
- `tracing`, `source_lines`, `recorder`: who listens to operations; the line of the program; what a record keeps.
- `ownership`, `value`: whether an array may be written in place; the array inside a tensor, and the ways out.
- `operations`, `arguments`, `parameters`: what NumPy writes as syntax; what an operation may be given.
- `methods`, `tensor`: the methods of arrays; `Tensor` and `apply`, through which every operation goes.
- `variable`: the one thing with state.
- `backward`: the chain rule, as one loop over records.
- `tape`: the block that records, what it watches, and `gradient`.
- `show` holds small tables as text, for whoever prints.

Everything here is internal: the public names are those of `autograd` and `autograd.extend`.
"""
