"""Readers that query a server while a test harms the engines behind it."""

import threading
import time
from collections import Counter
from http.client import HTTPException

from service.pipeline import integrity
from service.release import Release, open_store
from tests.system.server import Server, wait_until

QUESTIONS = 30
READERS = 4


class Load:
    """Readers that ask questions and compare the answers until the block ends."""

    def __init__(self, server: Server, release: Release) -> None:
        store = open_store(release)
        questions = integrity.questions(store)[:QUESTIONS]
        self._cases = [
            (q.query, integrity.answer(store, q.query).replace("\r", "")) for q in questions
        ]
        self._server = server
        self._ended = threading.Event()
        self.figures: Counter[str] = Counter()
        self.failures: list[str] = []

    def __enter__(self) -> "Load":
        self._readers = [
            threading.Thread(target=self._read, args=(number,)) for number in range(READERS)
        ]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for reader in self._readers:
            reader.join()

    def _read(self, number: int) -> None:
        while not self._ended.is_set():
            number += 1
            query, expected = self._cases[number % len(self._cases)]
            # A new text each time, so that no kept answer is sent.
            self.figures["asked"] += 1
            try:
                response, body = self._server.get(f"{query}\n# {time.monotonic_ns()}", "text/csv")
            except (OSError, HTTPException) as error:
                self.figures["lost"] += 1
                self.failures.append(repr(error))
                continue
            if response.status != 200:
                self.figures["refused"] += 1
                self.failures.append(body.decode())
            elif body.decode().replace("\r", "") == expected:
                self.figures["right"] += 1
            else:
                self.figures["wrong"] += 1

    def await_more(self, answers: int = 40) -> None:
        """Wait until this many more questions have been answered."""
        goal = self.figures["asked"] + answers
        assert wait_until(lambda: self.figures["asked"] >= goal, 120), self.figures
