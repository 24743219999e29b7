"""Everything on hold, and lifted again"""

import sqlalchemy as sa
from alembic import op

from tripupdates.migrations.append_only import protect, release

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
    protect("hold", 'held, line, "by", at')


def downgrade() -> None:
    release("hold")
    op.drop_table("hold")
