"""What people did and said about orders, what X was asked, and reviews of the policy"""

import sqlalchemy as sa
from alembic import op

from tripupdates.migrations.append_only import protect, release

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_hand_by")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_hand_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand")),
    )
    op.create_index(op.f("ix_hand_delivery_id"), "hand", ["delivery_id"])
    protect("hand")
    op.create_table(
        "x_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("call", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_x_call")),
    )
    op.create_index(op.f("ix_x_call_at"), "x_call", ["at"])
    op.create_table(
        "policy_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_policy_review_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_review")),
    )
    protect("policy_review")


def downgrade() -> None:
    release("policy_review")
    op.drop_table("policy_review")
    op.drop_index(op.f("ix_x_call_at"), "x_call")
    op.drop_table("x_call")
    release("hand")
    op.drop_index(op.f("ix_hand_delivery_id"), "hand")
    op.drop_table("hand")
