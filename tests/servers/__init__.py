"""Loopback servers that behave as the sources do, faults included: used by the tests of fetch and of the pipeline."""

from tests.servers.behaviour import (
    Answer,
    bomb,
    html_page,
    in_turn,
    plain,
    redirect,
    refused,
    silent,
    truncated,
    with_validators,
)
from tests.servers.loopback import Loopback, Request, Serve

__all__ = [
    "Answer",
    "Loopback",
    "Request",
    "Serve",
    "bomb",
    "html_page",
    "in_turn",
    "plain",
    "redirect",
    "refused",
    "silent",
    "truncated",
    "with_validators",
]
