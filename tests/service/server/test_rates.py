"""The limit on the requests of each client."""

import pytest

from service.problems import TooManyRequests
from service.server import rates as module
from service.server.rates import BURST_SECONDS, MAX_CLIENTS, Rates


class Clock:
    """Stands for the module ``time``."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_client_may_send_a_burst_and_then_its_rate(clock: Clock) -> None:
    rates = Rates(2)
    for _ in range(2 * BURST_SECONDS):
        rates.count("a")
    with pytest.raises(TooManyRequests) as refused:
        rates.count("a")
    assert refused.value.extras == {"retry_after_seconds": 1}
    clock.now = 0.5
    rates.count("a")
    with pytest.raises(TooManyRequests):
        rates.count("a")


def test_a_slow_rate_says_how_long_to_wait(clock: Clock) -> None:
    rates = Rates(0.01)
    rates.count("a")
    with pytest.raises(TooManyRequests) as refused:
        rates.count("a")
    assert refused.value.extras == {"retry_after_seconds": 100}
    clock.now = 100
    rates.count("a")


def test_each_client_has_its_own_count_and_is_forgotten_later(clock: Clock) -> None:
    rates = Rates(0.1)
    rates.count("a")
    rates.count("b")
    for n in range(MAX_CLIENTS):
        rates.count(f"other {n}")
    rates.count("a")
