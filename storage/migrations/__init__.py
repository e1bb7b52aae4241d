"""The tables' history (alembic), packaged with the rooms so that an installed station can bring itself up to date."""
