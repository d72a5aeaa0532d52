"""Write the pictures of the README: ``python docs/make_pictures.py``. Needs Graphviz (the extra ``graph`` and the
program ``dot``).
"""

from pathlib import Path

from autograd import GradientTape, Graph, Variable

IMAGES = Path(__file__).parent / "images"


def apples() -> Graph:
    """Draw what two apples at 100 each cost, with a tax of 10 percent."""
    price, number, tax = Variable(100.0, name="price"), Variable(2.0, name="number"), Variable(1.1, name="tax")
    with GradientTape() as tape:
        cost = price * number * tax
    return tape.graph(cost, names={"cost": cost})


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    apples().save(IMAGES / "apples.svg")
