"""Trip Updates: safe group updates from a school residential. Start reading at `journey`.

The app itself is made by `tripupdates.app.create_app`, so that a pure room can be imported without it.
"""
