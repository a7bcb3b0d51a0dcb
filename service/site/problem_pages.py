"""The pages that explain each kind of problem."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from service import problems
from service.problems import Problem, UnknownResource
from service.site.addresses import quoted

bp = Blueprint("problems", __name__)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A kind of problem in words."""

    slug: str
    title: str
    status: int
    meaning: str


def problem_types() -> list[type[Problem]]:
    """Return every problem class, in the order of status and slug."""
    kinds: list[type[Problem]] = [Problem]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    known = {kind for kind in kinds if kind.__module__ == problems.__name__}
    return sorted(known, key=lambda kind: (kind.status, kind.slug))


def explain(kind: type[Problem]) -> Explanation:
    """Return a kind of problem in the words of its docstring, without the names of extras."""
    summary = (kind.__doc__ or "").partition("\n\n")[0].partition("; extras")[0]
    meaning = " ".join(summary.replace("``", "").split()).rstrip(".") + "."
    return Explanation(kind.slug, kind.title, kind.status, meaning)


@bp.get("/problems/")
def index() -> str:
    """List every failure that the service can name."""
    return render_template("problems.html", problems=[explain(k) for k in problem_types()])


@bp.get("/problems/<slug>")
def problem(slug: str) -> str:
    """Explain one kind of failure: the page that a problem's ``type`` names (RFC 9457 §3.1.1)."""
    for kind in problem_types():
        if kind.slug == slug:
            return render_template("problem_type.html", p=explain(kind))
    raise UnknownResource(f"There is no problem called {quoted(slug)}. See /problems/.")
