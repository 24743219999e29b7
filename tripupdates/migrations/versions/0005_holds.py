"""Everything on hold, and lifted again"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("line", sa.String(length=280), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("shown_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_hold_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    for name, deed in (("update", 'UPDATE OF held, line, "by", at'), ("delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER hold_no_{name} BEFORE {deed} ON hold "
            "BEGIN SELECT RAISE(ABORT, 'hold is append-only'); END"
        )


def downgrade() -> None:
    for name in ("update", "delete"):
        op.execute(f"DROP TRIGGER hold_no_{name}")
    op.drop_table("hold")
