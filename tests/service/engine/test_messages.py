"""Messages between pool and workers can be unpacked; each exit signal has its problem."""

import signal

import pytest

from service.engine import messages, outcomes
from service.engine.messages import Request
from service.problems import (
    EngineFault,
    MalformedQuery,
    Problem,
    QueryTimeout,
    QueryTooCostly,
    QueueFull,
)

REQUEST = Request("ASK {}", "json", None, ("http://e/a",), (), 1.5, 1000)


@pytest.mark.parametrize("text", ["ASK {}", "é" * 1_000_000, ""], ids=["short", "long", "empty"])
def test_a_request_is_the_same_after_packing_and_unpacking(text: str) -> None:
    request = REQUEST._replace(text=text)
    assert Request.unpack(request.pack()) == request


def test_a_problem_is_the_same_after_packing_and_unpacking() -> None:
    problem = MalformedQuery("not SPARQL", line=1, column=2, hint="é")
    copy = messages.unpack_problem(messages.pack_problem(problem))
    assert type(copy) is MalformedQuery
    assert (copy.detail, copy.extras) == (problem.detail, problem.extras)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (signal.SIGALRM, QueryTimeout),
        (signal.SIGKILL, QueryTooCostly),
        (signal.SIGABRT, QueryTooCostly),
        (signal.SIGSEGV, QueryTooCostly),
        (signal.SIGBUS, QueryTooCostly),
        (signal.SIGTERM, EngineFault),
        (0, EngineFault),
        (messages.NOT_STARTED, QueueFull),
    ],
)
def test_the_signal_that_ended_a_worker_has_its_problem(
    number: int, problem: type[Problem]
) -> None:
    assert type(outcomes.from_exit_signal(number, 1.0, 1000)) is problem
