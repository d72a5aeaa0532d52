"""Run the notebooks and store what they show: ``python docs/make_notebooks.py [NAME ...]``. Needs nbclient, ipykernel,
matplotlib and Graphviz.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from autograd.files import write_file

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def run(path: Path) -> None:
    """Run the cells of a notebook in order, and write it with what they show, and with nothing of the machine or the
    time.
    """
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3", record_timing=False, coalesce_streams=True).execute()
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.validate(notebook)
    write_file(path, f"{nbformat.writes(notebook)}\n".encode())


if __name__ == "__main__":
    names = sys.argv[1:] or sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    for name in names:
        run(NOTEBOOKS / f"{name}.ipynb")
