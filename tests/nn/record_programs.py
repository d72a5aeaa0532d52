"""Record the numbers of the programs with Keras: ``python tests/nn/record_programs.py`` where Keras is installed.

The daily tests compare with ``keras.json`` and need no Keras.
"""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "helpers"))


def main():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras
    from program_data import plain, program

    recorded = {"keras": keras.__version__, "backend": keras.backend.backend(), "programs": {}}
    for path in sorted((HERE / "programs").glob("*.py")):
        recorded["programs"][path.stem] = plain(program(path).run(keras))
    (HERE / "keras.json").write_text(json.dumps(recorded), encoding="utf-8")


if __name__ == "__main__":
    main()
