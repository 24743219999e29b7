"""Messages that the head approves before a trip, and which of them a decision rests on"""

import sqlalchemy as sa
from alembic import op

from tripupdates.migrations.append_only import protect, release

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_wordings_by")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_wordings_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
    )
    op.create_index(op.f("ix_wordings_trip_id"), "wordings", ["trip_id"])
    protect("wordings")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wordings_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_decision_wordings_id"), "wordings", ["wordings_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_decision_wordings_id"), type_="foreignkey")
        batch_op.drop_column("wordings_id")
    release("wordings")
    op.drop_index(op.f("ix_wordings_trip_id"), table_name="wordings")
    op.drop_table("wordings")
