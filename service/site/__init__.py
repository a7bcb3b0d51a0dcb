"""The site: linked data and pages for people, a Flask application over one opened release."""
