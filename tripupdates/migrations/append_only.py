"""Tables whose rows the database itself refuses to change or delete, on either engine."""

from alembic import op


def protect(table: str, columns: str = "") -> None:
    """No row of `table` is deleted from now on, nor changed: in these `columns` alone, where some are named."""
    updates = f"UPDATE OF {columns}" if columns else "UPDATE"
    says = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for name, deed in (("update", updates), ("delete", "DELETE")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {deed} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = '{says}'; END $$"
    )
    each_row = f"ON {table} FOR EACH ROW"
    deeds = {
        "update": f"{updates} {each_row}",
        "delete": f"DELETE {each_row}",
        "truncate": f"TRUNCATE ON {table}",
    }
    for name, deed in deeds.items():
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {deed} EXECUTE FUNCTION {table}_is_append_only()"
        )


def release(table: str) -> None:
    """Take that back, on the way down."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{name}")
        return
    op.execute(f"DROP FUNCTION {table}_is_append_only() CASCADE")
