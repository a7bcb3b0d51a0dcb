"""Recipes: everyday needs of applications, each in a few lines; the code is in ``templates/``."""

from typing import NamedTuple

from flask import Blueprint, current_app, render_template

from service.site.addresses import host_address

bp = Blueprint("recipes", __name__)


class Recipe(NamedTuple):
    """Code that does something with this service.

    :param name: of its template.
    :param need: what it is for.
    :param language: and where it runs.
    """

    name: str
    need: str
    language: str


RECIPES = (
    Recipe(
        "card_js", "Show a term with its treatments, how firmly and where", "JavaScript, browser"
    ),
    Recipe("complete_js", "Complete a name as someone types", "JavaScript, browser"),
    Recipe("nested_mjs", "Walk from a term to its statements and passages", "JavaScript, Node.js"),
    Recipe("names_py", "Match messy names with terms", "Python"),
    Recipe("codes_py", "From a code of one vocabulary to those of the others", "Python"),
    Recipe("table_py", "Count the rows of a table", "Python"),
    Recipe("graph_py", "Read a term as RDF", "Python, rdflib"),
    Recipe("statements_r", "Cross-tabulate statements", "R"),
    Recipe("answer_sh", "Get the answer to a question as a table", "curl"),
    Recipe("changed_sh", "Fetch a list again only after a new release", "curl"),
)


@bp.get("/recipes/", strict_slashes=False)
def page() -> str:
    """Show every recipe with the address of this host."""
    host = host_address().rstrip("/")
    return render_template("recipes.html", recipes=[(r, code(r, host)) for r in RECIPES])


def code(recipe: Recipe, host: str) -> str:
    """Return the code of a recipe.

    :param host: the address of a host, without a slash at its end.
    """
    return current_app.jinja_env.get_template(f"recipes/{recipe.name}.txt").render(host=host)
