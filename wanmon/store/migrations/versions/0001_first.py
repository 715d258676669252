"""The first schema. Drafted by `python -m wanmon.store.migrations.draft`."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, and the triggers that keep the log of changes as it was written."""
    op.create_table(
        "carrier",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hotline", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
    )
    op.create_index(op.f("ix_carrier_code"), "carrier", ["code"], unique=True)
    op.create_table(
        "changeset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changeset")),
    )
    op.create_table(
        "credential_refusal",
        sa.Column("protocol", sa.String(length=32), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("protocol", "credential", "device", name=op.f("pk_credential_refusal")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "site_class",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("liveness_interval_s", sa.Integer(), nullable=False),
        sa.Column("fast_interval_s", sa.Integer(), nullable=False),
        sa.Column("slow_interval_s", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_class")),
    )
    op.create_index(op.f("ix_site_class_code"), "site_class", ["code"], unique=True)
    op.create_table(
        "unit",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("official_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["unit.code"], name=op.f("fk_unit_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_code"), "unit", ["code"], unique=True)
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changeset", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_change_changeset")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_changeset"), "change", ["changeset"], unique=False)
    op.create_index(op.f("ix_change_key"), "change", ["key"], unique=False)
    op.create_index(op.f("ix_change_noun"), "change", ["noun"], unique=False)
    op.create_table(
        "site",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("site_class", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("second_parent", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("activated_on", sa.Date(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["site.code"], name=op.f("fk_site_parent")),
        sa.ForeignKeyConstraint(["second_parent"], ["site.code"], name=op.f("fk_site_second_parent")),
        sa.ForeignKeyConstraint(["site_class"], ["site_class.code"], name=op.f("fk_site_site_class")),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_site_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_code"), "site", ["code"], unique=True)
    op.create_table(
        "check_definition",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("site_class", sa.String(), nullable=True),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("params", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_check_definition_site")),
        sa.ForeignKeyConstraint(["site_class"], ["site_class.code"], name=op.f("fk_check_definition_site_class")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_definition")),
    )
    op.create_index(op.f("ix_check_definition_code"), "check_definition", ["code"], unique=True)
    op.create_table(
        "device",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("liveness", sa.String(), nullable=False),
        sa.Column("snmp", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_device_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("address", "port", name=op.f("uq_device_address_port")),
    )
    op.create_index(op.f("ix_device_name"), "device", ["name"], unique=True)
    op.create_index(op.f("ix_device_site"), "device", ["site"], unique=False)
    op.create_table(
        "service",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_service_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_index(op.f("ix_service_code"), "service", ["code"], unique=True)
    op.create_table(
        "site_state",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_site_state_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_state")),
    )
    op.create_table(
        "transition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("old", sa.String(length=32), nullable=False),
        sa.Column("new", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("processed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_transition_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition")),
    )
    op.create_index(op.f("ix_transition_site"), "transition", ["site"], unique=False)
    op.create_table(
        "circuit",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("receive_bps", sa.Integer(), nullable=False),
        sa.Column("transmit_bps", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("device", sa.String(), nullable=True),
        sa.Column("interface", sa.String(), nullable=False),
        sa.Column("probe_address", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["carrier"], ["carrier.code"], name=op.f("fk_circuit_carrier")),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_circuit_device")),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_circuit_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circuit")),
    )
    op.create_index(op.f("ix_circuit_code"), "circuit", ["code"], unique=True)
    op.create_index(op.f("ix_circuit_site"), "circuit", ["site"], unique=False)
    op.create_table(
        "device_credential",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("protocol", sa.String(length=32), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"], ["device.name"], name=op.f("fk_device_credential_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device", "protocol", name=op.f("pk_device_credential")),
    )
    op.create_table(
        "device_state",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_device_state_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_device_state")),
    )
    op.execute(
        "CREATE TRIGGER changeset_refuses_update BEFORE UPDATE ON changeset "
        "BEGIN SELECT RAISE(ABORT, 'changeset only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER changeset_refuses_delete BEFORE DELETE ON changeset "
        "BEGIN SELECT RAISE(ABORT, 'changeset only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER changeset_refuses_insert BEFORE INSERT ON changeset "
        "WHEN EXISTS (SELECT 1 FROM changeset WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'changeset only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER change_refuses_update BEFORE UPDATE ON change "
        "BEGIN SELECT RAISE(ABORT, 'change only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER change_refuses_delete BEFORE DELETE ON change "
        "BEGIN SELECT RAISE(ABORT, 'change only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER change_refuses_insert BEFORE INSERT ON change "
        "WHEN EXISTS (SELECT 1 FROM change WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'change only grows'); END"
    )
