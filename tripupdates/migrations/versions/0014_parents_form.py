"""The parents' form: personal links, what was sent with them, and answers that came from there"""

import sqlalchemy as sa
from alembic import op

from tripupdates.migrations.append_only import protect, release

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# An answer from a form has nobody at school behind it: going back, whoever made its link stands there.
WHO_ASKED = """
UPDATE consent_answer SET "by" = (
    SELECT consent_link.made_by FROM consent_form
    JOIN consent_link ON consent_link.id = consent_form.link_id
    WHERE consent_form.id = consent_answer.form_id
) WHERE "by" IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "consent_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_consent_link_ended_by")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_consent_link_made_by")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_consent_link_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_link")),
        sa.UniqueConstraint("mark", name=op.f("uq_consent_link_mark")),
    )
    op.create_index(op.f("ix_consent_link_pupil_id"), "consent_link", ["pupil_id"])
    op.create_table(
        "consent_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["consent_link.id"], name=op.f("fk_consent_form_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_form")),
        sa.UniqueConstraint("reference", name=op.f("uq_consent_form_reference")),
    )
    op.create_index(op.f("ix_consent_form_link_id"), "consent_form", ["link_id"])
    protect("consent_form")
    release("consent_answer")  # SQLite makes the table anew, and forgets its triggers with the old one
    with op.batch_alter_table("consent_answer") as answers:
        answers.add_column(sa.Column("form_id", sa.Integer(), nullable=True))
        answers.create_foreign_key(op.f("fk_consent_answer_form_id"), "consent_form", ["form_id"], ["id"])
        answers.alter_column("by", existing_type=sa.Uuid(), nullable=True)
    protect("consent_answer")


def downgrade() -> None:
    release("consent_answer")
    op.execute(WHO_ASKED)
    with op.batch_alter_table("consent_answer") as answers:
        answers.drop_constraint(op.f("fk_consent_answer_form_id"), type_="foreignkey")
        answers.drop_column("form_id")
        answers.alter_column("by", existing_type=sa.Uuid(), nullable=False)
    protect("consent_answer")
    release("consent_form")
    op.drop_table("consent_form")
    op.drop_table("consent_link")
