"""What checks found, how routers are logged in to, and which machines stood in the place of a device."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and give devices their columns of a login."""
    op.create_table(
        "site_verdict",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_site_verdict_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_verdict")),
    )
    op.create_table(
        "check_stretch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check"], ["check_definition.code"], name=op.f("fk_check_stretch_check"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_check_stretch_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_stretch")),
    )
    op.create_index("ix_check_stretch_site_check", "check_stretch", ["site", "check", "target", "began_at"])
    op.create_table(
        "host_key",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("trusted_at", sa.DateTime(), nullable=False),
        sa.Column("trusted_by", sa.String(), nullable=False),
        sa.Column("changed_fingerprint", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_host_key_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_host_key")),
    )
    op.create_table(
        "machine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("os_version", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_machine_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine")),
    )
    op.create_index("ix_machine_device", "machine", ["device"])
    op.create_table(
        "path_baseline",
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("hops", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check"], ["check_definition.code"], name=op.f("fk_path_baseline_check"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_path_baseline_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("check", "site", "target", name=op.f("pk_path_baseline")),
    )
    op.create_table(
        "outage_path",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage", sa.Integer(), nullable=False),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("hops", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["outage"], ["outage.id"], name=op.f("fk_outage_path_outage"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_path")),
    )
    op.create_index("ix_outage_path_outage", "outage_path", ["outage"])
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ssh", sa.String(), nullable=False, server_default="none"))
        batch_op.add_column(sa.Column("ssh_port", sa.Integer(), nullable=False, server_default="22"))
        batch_op.add_column(sa.Column("platform", sa.String(), nullable=False, server_default="auto"))
    # The defaults were for the rows that are there.
    with op.batch_alter_table("device", schema=None) as batch_op:
        for column in ("ssh", "ssh_port", "platform"):
            batch_op.alter_column(column, server_default=None)
