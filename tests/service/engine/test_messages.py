"""Messages between pool, host and workers survive their way; an exit signal has its problem."""

import signal
import socket
import threading

import pytest

from service.engine import messages, outcomes
from service.engine.messages import Request
from service.problems import (
    EngineFault,
    MalformedQuery,
    Problem,
    QueryTimeout,
    QueryTooCostly,
)

REQUEST = Request("ASK {}", "json", None, ("http://e/a",), (), 1.5, 1000)


@pytest.mark.parametrize("text", ["ASK {}", "é" * 1_000_000, ""], ids=["short", "long", "empty"])
def test_a_request_survives_its_socket(text: str) -> None:
    request = REQUEST._replace(text=text)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=ours.sendall, args=(request.pack(),))
        sender.start()
        assert messages.receive_request(theirs) == request
        sender.join()


@pytest.mark.parametrize("sent", [b"", REQUEST.pack()[:-1]], ids=["nothing", "a part"])
def test_a_socket_that_closes_gives_no_request(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall(sent)
        ours.close()
        assert messages.receive_request(theirs) is None


def test_a_problem_survives_its_message() -> None:
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
    ],
)
def test_the_signal_that_ended_a_worker_has_its_problem(
    number: int, problem: type[Problem]
) -> None:
    assert type(outcomes.from_exit_signal(number, 1.0, 1000)) is problem
