"""What the truth about every site needs: outages, maintenance, witnesses, circuits' states, closed months, holidays."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

#: Columns that rows get that are there already, with the value that those rows take.
NEW_COLUMNS: dict[str, dict[str, tuple[Any, str]]] = {
    "circuit": {"availability_target": (sa.Float(), "0.995"), "excused": (sa.String(), "")},
    "site_class": {
        "slow_ms": (sa.Integer(), "150"),
        "service_hours": (sa.String(), "24x7"),
        "availability_target": (sa.Float(), "0.995"),
    },
    "site_state": {"roots": (sa.String(), "")},
    "transition": {"uncertain_s": (sa.Float(), "0"), "roots": (sa.String(), "")},
}


def upgrade() -> None:
    """Make the new tables, and widen those that are there."""
    _make_tables()
    _widen_tables()


def _make_tables() -> None:
    op.create_table(
        "closed_month",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_month")),
    )
    op.create_index(op.f("ix_closed_month_month"), "closed_month", ["month"], unique=False)

    op.create_table(
        "holiday",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
    )
    op.create_index(op.f("ix_holiday_day"), "holiday", ["day"], unique=True)

    op.create_table(
        "maintenance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.Column("repeats", sa.String(length=32), nullable=False),
        sa.Column("repeats_until", sa.DateTime(), nullable=True),
        sa.Column("excludes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
    )
    op.create_index(op.f("ix_maintenance_target"), "maintenance", ["target"], unique=False)

    op.create_table(
        "closed_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("circuit", sa.String(), nullable=True),
        sa.Column("availability", sa.Float(), nullable=True),
        sa.Column("chargeable", sa.Float(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("up_s", sa.Integer(), nullable=False),
        sa.Column("down_s", sa.Integer(), nullable=False),
        sa.Column("unreachable_s", sa.Integer(), nullable=False),
        sa.Column("excused_s", sa.Integer(), nullable=False),
        sa.Column("unknown_s", sa.Integer(), nullable=False),
        sa.Column("outages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed"], ["closed_month.id"], name=op.f("fk_closed_figure_closed"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_figure")),
    )
    op.create_index(op.f("ix_closed_figure_closed"), "closed_figure", ["closed"], unique=False)

    op.create_table(
        "device_witness",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("agent_ticks", sa.Integer(), nullable=True),
        sa.Column("agent_at", sa.DateTime(), nullable=True),
        sa.Column("machine_ticks", sa.Integer(), nullable=True),
        sa.Column("machine_at", sa.DateTime(), nullable=True),
        sa.Column("ports", sa.String(), nullable=False),
        sa.Column("tells_change", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_device_witness_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_device_witness")),
    )
    op.create_table(
        "circuit_day",
        sa.Column("circuit", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("averages", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["circuit"], ["circuit.code"], name=op.f("fk_circuit_day_circuit"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circuit", "on", name=op.f("pk_circuit_day")),
    )
    op.create_table(
        "circuit_state",
        sa.Column("circuit", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit"], ["circuit.code"], name=op.f("fk_circuit_state_circuit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("circuit", name=op.f("pk_circuit_state")),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("circuit", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("began_uncertain_s", sa.Float(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_uncertain_s", sa.Float(), nullable=False),
        sa.Column("roots", sa.String(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("readings", sa.String(), nullable=False),
        sa.Column("together", sa.String(), nullable=False),
        sa.Column("ruled_cause", sa.String(length=32), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["circuit"], ["circuit.code"], name=op.f("fk_outage_circuit"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["previous"], ["outage.id"], name=op.f("fk_outage_previous"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_outage_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index(op.f("ix_outage_began_at"), "outage", ["began_at"], unique=False)
    op.create_index(op.f("ix_outage_ended_at"), "outage", ["ended_at"], unique=False)
    op.create_index(op.f("ix_outage_site"), "outage", ["site"], unique=False)

    op.create_table(
        "outage_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("handling", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["outage"], ["outage.id"], name=op.f("fk_outage_note_outage"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_note")),
    )
    op.create_index(op.f("ix_outage_note_outage"), "outage_note", ["outage"], unique=False)


def _widen_tables() -> None:
    for table, columns in NEW_COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name, (kind, value) in columns.items():
                batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:  # new rows are given theirs by the program
            for name, (kind, _) in columns.items():
                batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    with op.batch_alter_table("transition") as batch:
        batch.add_column(sa.Column("circuit", sa.String(), nullable=True))
        batch.create_foreign_key(op.f("fk_transition_circuit"), "circuit", ["circuit"], ["code"], ondelete="CASCADE")
        batch.create_index(op.f("ix_transition_processed_at"), ["processed_at"])
        batch.create_index("ix_transition_site_at", ["site", "at"])
