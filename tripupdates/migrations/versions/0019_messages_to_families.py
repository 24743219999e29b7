"""Messages to families: contacts, who wants none, what became of each message, and links to the parents' form to send"""

import sqlalchemy as sa
from alembic import op

from tripupdates.migrations.append_only import protect, release

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone_problem", sa.String(length=200), nullable=False),
        sa.Column("email_problem", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_contact_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_pupil_id"), "contact", ["pupil_id"])
    op.create_table(
        "opt_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("out", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_opt_out_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
    )
    op.create_index(op.f("ix_opt_out_mark"), "opt_out", ["mark"])
    protect("opt_out")
    op.create_table(
        "consent_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.String(length=32), nullable=True),
        sa.Column("unsure_since", sa.String(length=32), nullable=True),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.Column("receipt", sa.String(length=20), nullable=True),
        sa.Column("ask_at", sa.String(length=32), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_consent_request_asked_by")),
        sa.ForeignKeyConstraint(["link_id"], ["consent_link.id"], name=op.f("fk_consent_request_link_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_consent_request_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_request")),
    )
    op.create_index(op.f("ix_consent_request_pupil_id"), "consent_request", ["pupil_id"])
    op.create_index(
        op.f("ix_consent_request_channel_state_due"), "consent_request", ["channel", "state", "due"]
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("doubtful", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("receipt", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("ask_at", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("parts", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_delivery_ask_at"), "delivery", ["ask_at"])
    op.create_index(op.f("ix_delivery_version_id"), "delivery", ["version_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_version_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_ask_at"), table_name="delivery")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("parts")
        batch_op.drop_column("ask_at")
        batch_op.drop_column("receipt")
        batch_op.drop_column("doubtful")
    op.drop_table("consent_request")
    release("opt_out")
    op.drop_table("opt_out")
    op.drop_table("contact")
