"""Revisions of an update, so that a phone that was away overwrites nothing"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("update", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("sent", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("update", schema=None) as batch_op:
        batch_op.drop_column("sent")
        batch_op.drop_column("revision")
