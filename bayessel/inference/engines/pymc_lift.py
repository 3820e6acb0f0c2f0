"""One PyTensor graph for many data sets of one shape.

A PyMC twin computes with its data in NumPy before PyMC sees them, so that all it makes of them are
constants of its graph. Twins of data of the same shapes are one graph but for the values of some
constants. These become shared variables, so that one compiled function does for all data sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError


def lift(graphs: Sequence[Sequence[Any]]) -> tuple[list[Any], list[Any], list[list[NDArray[Any]]]]:
    """Replace the constants that differ from graph to graph by shared variables.

    Parameters
    ----------
    graphs
        Outputs of each, made by the same code from different data.

    Returns
    -------
    outputs
        Those of the first graph, as functions of the shared variables.
    shared
        The shared variables; they have the values of the first graph.
    values
        [graphs][shared] their values in each.

    Raises
    ------
    DataError
        The graphs differ in more than the values of constants.
    """
    import pytensor
    from pytensor.graph.traversal import toposort
    from pytensor.tensor import TensorConstant

    ordered = [list(toposort(outputs)) for outputs in graphs]
    patterns = (_pattern(*one) for one in zip(graphs, ordered, strict=True))
    first = next(patterns)
    for place, other in enumerate(patterns, start=1):
        if other != first:
            raise DataError(
                f"the PyMC twins of data sets 0 and {place} differ in more than values: "
                "expected data of the same shapes, with as many cells judged in each"
            )
    lifted: dict[Any, Any] = {}
    shared: list[Any] = []
    values: list[list[NDArray[Any]]] = [[] for _ in graphs]
    for nodes in zip(*ordered, strict=True):
        inputs = [lifted.get(variable, variable) for variable in nodes[0].inputs]
        for i, variable in enumerate(nodes[0].inputs):
            if not isinstance(variable, TensorConstant):
                continue
            found = [node.inputs[i].data for node in nodes]
            if all(np.array_equal(value, found[0]) for value in found):
                continue
            inputs[i] = pytensor.shared(found[0], shape=variable.type.shape)
            shared.append(inputs[i])
            for of_one, value in zip(values, found, strict=True):
                of_one.append(value)
        copy = nodes[0].clone_with_new_inputs(inputs)
        lifted.update(zip(nodes[0].outputs, copy.outputs, strict=True))
    return [lifted.get(variable, variable) for variable in graphs[0]], shared, values


def _pattern(outputs: Sequence[Any], nodes: Sequence[Any]) -> list[Any]:
    """All of a graph but the values of its constants."""
    from pytensor.graph.basic import Constant
    from pytensor.tensor import TensorConstant

    made = {v: (i, j) for i, node in enumerate(nodes) for j, v in enumerate(node.outputs)}

    def told(variable: Any) -> Any:
        if variable in made:
            return made[variable]
        if isinstance(variable, TensorConstant):
            return variable.type
        return variable.data if isinstance(variable, Constant) else variable.name

    of_nodes = [(node.op, [told(v) for v in node.inputs]) for node in nodes]
    return [*of_nodes, [told(v) for v in outputs]]
