"""A hold can say why."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hold", sa.Column("why", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("hold", "why")
