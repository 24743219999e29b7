"""Words that an approver suggests; updates that go out later, or once the group has left"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("suggested", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("delivery", sa.Column("not_before", sa.String(length=32), nullable=True))
    op.add_column(
        "delivery", sa.Column("until_left", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("delivery", "until_left")
    op.drop_column("delivery", "not_before")
    op.drop_column("decision", "suggested")
