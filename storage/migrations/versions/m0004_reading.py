"""What reading the paper needs: who said whose a document is, what was seen on its pages, what a batch announced.

Columns are added and nothing is rebuilt.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import sort_text_by_bytes

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each theme its own function."""
    _indexing()
    _intake()
    _batches()
    _pages()
    sort_text_by_bytes(op)


def _batches() -> None:
    """What was announced of a batch: box and seal, how much, and of whom; and what was counted otherwise at its end."""
    sealed = ("box_sealed", "seal_sealed", "announced_patients_sealed")
    counts = ("announced_sheets", "announced_documents", "announced_pages")
    told = ("box_index", "announced_at", "unlike", "confirmed_at")
    columns: list[sa.Column[Any]] = [
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in sealed),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in counts),
        *(sa.Column(name, sa.String(), nullable=True) for name in told),
    ]
    for column in columns:
        op.add_column("batch", column)
    op.create_index("ix_batch_box_index", "batch", ["box_index"])


def _intake() -> None:
    """Files that begin with the images of one that was taken before; images are looked up by what they are; separators
    that are a sheet's back, of which the entries of files that were opened before say nothing.
    """
    op.add_column("file", sa.Column("separator_backs", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("file", sa.Column("continues", sa.String(), nullable=True))
    op.create_index("ix_file_continues", "file", ["continues"])
    op.create_index("ix_page_image_sha256", "page", ["image_sha256"])


def _indexing() -> None:
    """What a document is and of which day; of those that were read before, nobody knows."""
    op.add_column("document", sa.Column("index_sealed", sa.LargeBinary(), nullable=True))


def _pages() -> None:
    """How each page was scanned, and what it lay in: of pages that were taken before, nobody has looked."""
    op.add_column("page", sa.Column("flags", sa.String(), nullable=False, server_default=""))
    op.add_column("page", sa.Column("beside", sa.String(), nullable=True))
    op.create_index("ix_page_beside", "page", ["beside"])
