"""The site: linked data and pages for people, a Flask application over one opened release."""

from service.site.application import create_app

__all__ = ["create_app"]
