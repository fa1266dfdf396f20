"""Lines of arithmetic such as `100 * (1 + 2) / 4 = 75` read and worked out in decimals, apart from any SQL."""

from __future__ import annotations

import ast
import operator
from decimal import Decimal

OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def stated(line: str) -> Decimal:
    """What the line says it comes to."""
    return Decimal(line.rsplit("=", 1)[1].strip())


def worked_out(line: str) -> Decimal:
    """What its left side comes to."""
    return _value(ast.parse(line.rsplit("=", 1)[0].strip(), mode="eval").body, line)


def amounts(line: str) -> list[Decimal]:
    """The figures on its left side, in order."""
    body = ast.parse(line.rsplit("=", 1)[0].strip(), mode="eval")
    return [_value(node, line) for node in ast.walk(body) if isinstance(node, ast.Constant)]


def _value(node: ast.expr, line: str) -> Decimal:
    if isinstance(node, ast.BinOp):
        return OPERATIONS[type(node.op)](_value(node.left, line), _value(node.right, line))
    return Decimal(line[node.col_offset : node.end_col_offset])
