"""For any WSGI server: `app`."""

from tripupdates.app import create_app

app = create_app()
