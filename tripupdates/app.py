"""The app for one school: database, guard, pages; nothing else."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tripupdates import database, seals, settings, wiring
from tripupdates.house import House
from tripupdates.people.signing_in import TRUSTED_PHONE
from tripupdates.settings import Settings
from tripupdates.web import errors, guard, nearby, pages, requests

MOST_BYTES = 130 * 1024 * 1024  # four photos of 30 MB in one form, and the words


def create_app(given: Settings | None = None, house: House | None = None) -> Flask:
    """The app for one school: database, guard, pages. Raises OddSettings where it must not start."""
    given = given or settings.load()
    app = Flask(
        __name__,
        instance_path=str(given.instance),
        template_folder=str(settings.folder_of_ours("templates")),
        static_folder=str(settings.folder_of_ours("static")),
    )
    app.config.update(
        SECRET_KEY=given.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if given.secure else "session",
        SESSION_COOKIE_SECURE=given.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=TRUSTED_PHONE,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        RATELIMIT_STORAGE_URI=given.ratelimit_storage_uri,
        RATELIMIT_KEY_PREFIX=given.rp_id,  # schools may share a Redis
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # a Redis that is away locks nobody out, and lets nobody guess
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: a draft may lie open all day
        TRUSTED_HOSTS=guard.trusted_hosts(given.public_base_url),
    )
    if given.secure:  # nginx stands in front, see the README
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign] # as Flask's docs do
    app.wsgi_app = nearby.marking(app.wsgi_app, urlsplit(given.public_base_url).netloc)  # type: ignore[assignment, method-assign] # as above
    at_work = house or wiring.build(given)
    database.attach(app, given, seal=lambda session: seals.seal(session, at_work.now()))
    app.extensions["house"] = at_work
    guard.attach(app)
    requests.attach(app)
    errors.attach(app)
    pages.attach(app)
    return app
