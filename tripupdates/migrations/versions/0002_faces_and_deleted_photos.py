"""Faces on photos, what was covered, and photos whose pixels are deleted

Photos from before were never looked at for faces, so their drafts ask how many people can be seen.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marked", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("looked", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("counted", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("covered", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("redrawn", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("deleted_at", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        for name in ("deleted_at", "redrawn", "covered", "counted", "looked", "marked"):
            batch_op.drop_column(name)
