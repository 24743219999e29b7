"""The PDF of a newsletter"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=68), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("cover", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("cropped", sa.JSON(), nullable=False),
        sa.Column("declared", sa.String(length=400), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.String(length=32), nullable=False),
        sa.Column("deleted_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["update_id"], ["update.id"], name=op.f("fk_document_update_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_document_declared_by")),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_document")),
    )


def downgrade() -> None:
    """Raise RuntimeError where a newsletter is kept: the version before has no place for it."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM document LIMIT 1")).first():
        raise RuntimeError("There are newsletters, which the version before cannot keep.")
    op.drop_table("document")
