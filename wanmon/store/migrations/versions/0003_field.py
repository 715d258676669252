"""What the field needs: how each agent can be spoken to, and who is connected to its ports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "device_manners",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("limit_bytes", sa.Integer(), nullable=False),
        sa.Column("barred_bytes", sa.Integer(), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=True),
        sa.Column("srtt_s", sa.Float(), nullable=True),
        sa.Column("rttvar_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_device_manners_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_device_manners")),
    )
    op.create_table(
        "neighbour",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("protocol", sa.String(length=32), nullable=False),
        sa.Column("interface", sa.String(), nullable=False),
        sa.Column("chassis_id", sa.String(), nullable=False),
        sa.Column("port_id", sa.String(), nullable=False),
        sa.Column("port_description", sa.String(), nullable=False),
        sa.Column("system_name", sa.String(), nullable=False),
        sa.Column("system_description", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.name"], name=op.f("fk_neighbour_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", "protocol", "interface", "chassis_id", "port_id", name=op.f("pk_neighbour")),
    )
