"""Updates of the school itself: of a kind, with a title, without a trip; orders for each family's contact"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("update", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(20), nullable=False, server_default="trip"))
        batch_op.add_column(sa.Column("title", sa.String(120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("expires_at", sa.String(32), nullable=True))
        batch_op.alter_column("trip_id", existing_type=sa.Uuid(), nullable=True)
    op.create_index("ix_update_kind", "update", ["kind"])
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recipient", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alone", sa.String(1000), nullable=False, server_default=""))


def downgrade() -> None:
    """Raise RuntimeError where something of the school is kept: the version before has no place for it."""
    if op.get_bind().execute(sa.text('SELECT 1 FROM "update" WHERE trip_id IS NULL LIMIT 1')).first():
        raise RuntimeError("There are updates of the school itself, which the version before cannot keep.")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_column("alone")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("urgent")
        batch_op.drop_column("recipient")
    op.drop_index("ix_update_kind", "update")
    with op.batch_alter_table("update", schema=None) as batch_op:
        batch_op.alter_column("trip_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("expires_at")
        batch_op.drop_column("title")
        batch_op.drop_column("kind")
