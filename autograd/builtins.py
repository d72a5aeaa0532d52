"""Python's containers, under the name that HIPS autograd has for them. A nest of these is differentiated as it is, so no others are needed."""

import builtins

dict = builtins.dict
isinstance = builtins.isinstance
list = builtins.list
tuple = builtins.tuple
type = builtins.type

__all__ = ["dict", "isinstance", "list", "tuple", "type"]
