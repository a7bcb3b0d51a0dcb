"""The pages that explain each kind of problem."""

from flask import Blueprint, render_template

from service.problems import Problem, UnknownResource, all_problems

bp = Blueprint("problems", __name__)


def meaning(kind: type[Problem]) -> str:
    """Return a kind of problem in the words of its docstring, without the names of extras."""
    summary = (kind.__doc__ or "").partition("\n\n")[0].partition("; extras")[0]
    return " ".join(summary.replace("``", "").split()).rstrip(".") + "."


@bp.get("/problems/")
def index() -> str:
    """List every failure that the service can name."""
    kinds = [(kind, meaning(kind)) for kind in all_problems()]
    return render_template("problems.html", problems=kinds)


@bp.get("/problems/<slug>")
def problem(slug: str) -> str:
    """Explain one kind of failure: the page that a problem's ``type`` names (RFC 9457 §3.1.1)."""
    kind = next((kind for kind in all_problems() if kind.slug == slug), None)
    if kind is None:
        raise UnknownResource(f"There is no problem called {slug[:100]!r}. See /problems/.")
    return render_template("problem_type.html", problem=kind, meaning=meaning(kind))
