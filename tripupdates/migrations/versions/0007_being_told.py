"""How people are told, by which ways, and what became of it"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _time(name: str, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=32), nullable=nullable)


def upgrade() -> None:
    _people()
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        _time("made_at", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_person_id"), "message", ["person_id"])
    op.create_table(
        "sending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("due", nullable=False),
        _time("attempted_at"),
        _time("settled_at"),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sending_message_id")),
        sa.ForeignKeyConstraint(["phone_id"], ["phone.id"], name=op.f("fk_sending_phone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    op.create_index(op.f("ix_sending_message_id"), "sending", ["message_id"])
    op.create_index(op.f("ix_sending_state"), "sending", ["state"])
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("stage", sa.String(length=20), nullable=False, server_default="first"))
        notice.add_column(sa.Column("message_id", sa.Uuid(), nullable=True))
        notice.add_column(_time("closed_at"))
        notice.create_foreign_key(op.f("fk_notice_message_id"), "message", ["message_id"], ["id"])
        notice.create_index(op.f("ix_notice_message_id"), ["message_id"])
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("stage", server_default=None)


def _people() -> None:
    op.create_table(
        "phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("endpoint", sa.String(length=1000), nullable=True),
        sa.Column("p256dh", sa.String(length=120), nullable=False),
        sa.Column("auth", sa.String(length=60), nullable=False),
        _time("created_at", nullable=False),
        _time("worked_at"),
        _time("failed_at"),
        _time("ended_at"),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_phone_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_phone_endpoint")),
    )
    op.create_index(op.f("ix_phone_person_id"), "phone", ["person_id"])
    op.create_table(
        "reach",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("all_by_mail", sa.Boolean(), nullable=False),
        _time("mail_worked_at"),
        _time("mail_broken_at"),
        sa.Column("mail_problem", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reach_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reach")),
    )
    op.create_table(
        "trip_telling",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=True),
        sa.Column("remind_after", sa.Integer(), nullable=False),
        sa.Column("deputies_after", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_telling_trip_id")),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_trip_telling_first_id")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_trip_telling")),
    )
    op.create_table(
        "mail_look",
        sa.Column("id", sa.Integer(), nullable=False),
        _time("at", nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_look")),
    )


def downgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.drop_index(op.f("ix_notice_message_id"))
        notice.drop_constraint(op.f("fk_notice_message_id"), type_="foreignkey")
        for name in ("stage", "message_id", "closed_at"):
            notice.drop_column(name)
    for table in ("sending", "message", "mail_look", "trip_telling", "reach", "phone"):
        op.drop_table(table)
