"""The sections declared in schemas/readiness/sections.yml: each table one question put to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.errors import SpecError
from ilo_iati.readiness.gates import READINESS
from ilo_iati.readiness.reading import Row, rows
from ilo_iati.spec.reading import read_yaml, require

KINDS = ("text", "code", "number", "money", "pct", "day")


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is shown: its heading, and the kind of its values."""

    name: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Question:
    """A table of a section: `sql` over `needs`, shown as `columns`."""

    caption: str
    needs: tuple[str, ...]
    sql: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page and the questions it answers."""

    id: str
    name: str
    about: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its rows; `missing` names the tables it lacks, and then there is no row."""

    question: Question
    rows: list[Row]
    missing: tuple[str, ...] = ()


Answered = list[tuple[Section, list[Answer]]]


@cache
def load_sections(path: Path = READINESS / "sections.yml") -> tuple[Section, ...]:
    """The declared sections in order. Raises SpecError naming the file and what to correct."""
    document = read_yaml(path)
    require(path, document, ("sections",), ())
    return tuple(_section(path, body) for body in document["sections"])


def _section(path: Path, body: Mapping[str, Any]) -> Section:
    require(path, body, ("id", "name", "about", "tables"), ())
    return Section(body["id"], body["name"], body["about"], tuple(_question(path, item) for item in body["tables"]))


def _question(path: Path, body: Mapping[str, Any]) -> Question:
    require(path, body, ("caption", "needs", "sql", "columns"), ())
    columns = tuple(Column(name, one["label"], one["kind"]) for name, one in body["columns"].items())
    stray = {column.kind for column in columns} - set(KINDS)
    if stray:
        raise SpecError(f"{path}: {body['caption']}: unknown kind {', '.join(sorted(stray))}; use {', '.join(KINDS)}.")
    return Question(body["caption"], tuple(body["needs"]), body["sql"], columns)


def answer_all(connection: duckdb.DuckDBPyConnection, as_of: date, found: set[str]) -> Answered:
    """Every section answered for `as_of`; `found` are the relations in reach."""
    connection.execute(f"SET VARIABLE as_of = DATE '{as_of.isoformat()}'")
    return [(section, [_answer(connection, one, found) for one in section.questions]) for section in load_sections()]


def _answer(connection: duckdb.DuckDBPyConnection, question: Question, found: set[str]) -> Answer:
    missing = tuple(name for name in question.needs if name not in found)
    return Answer(question, [] if missing else rows(connection, question.sql), missing)
