"""The first shape of the station's tables (0.1.0), with the triggers that keep evidence append-only.

0.1.0 knew SQLite alone: there, this is what its stations have, to the letter. It never changes again.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import append_only, without_gaps
from storage.migrations.columns import BIG, sort_text_by_bytes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _register()
    _batch()
    _paper()
    _file()
    _document()
    _page()
    _evidence()
    _ledger()
    _triggers()
    sort_text_by_bytes(op)


def _register() -> None:
    """The roster, the register's facts, and what was imported."""
    op.create_table(
        "fact",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient_index", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("doc_types", sa.String(), nullable=True),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("import_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_fact_patient_index", "fact", ["patient_index"], unique=False)
    op.create_table(
        "fact_seal",
        sa.Column("patient_index", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("patient_index"),
    )
    op.create_table(
        "import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "patient",
        sa.Column("patient_index", sa.String(), nullable=False),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ins_index", sa.String(), nullable=True),
        sa.Column("birth_index", sa.String(), nullable=False),
        sa.Column("usage_index", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("import_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("patient_index"),
    )
    op.create_index("ix_patient_birth_index", "patient", ["birth_index"], unique=False)
    op.create_index("ix_patient_ins_index", "patient", ["ins_index"], unique=False)
    op.create_index("ix_patient_usage_index", "patient", ["usage_index"], unique=False)


def _batch() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("label_index", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
        sa.Column("closed_at", sa.String(), nullable=True),
        sa.Column("index_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_batch_label_index", "batch", ["label_index"], unique=False)


def _paper() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("box_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("box_index", sa.String(), nullable=False),
        sa.Column("movement", sa.String(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_paper_box_index", "paper", ["box_index"], unique=False)


def _file() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("duplicate_of", sa.String(), nullable=True),
        sa.Column("captured_at", sa.String(), nullable=False),
        sa.Column("settled_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_file_batch_id", "file", ["batch_id"], unique=False)
    op.create_index("ix_file_sha256", "file", ["sha256"], unique=False)
    op.create_index("ix_file_state", "file", ["state"], unique=False)


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("patient_index", sa.String(), nullable=True),
        sa.Column("claim_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("client_document_index", sa.String(), nullable=True),
        sa.Column("doc_type", sa.String(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("custody", sa.String(), nullable=True),
        sa.Column("look_at", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("captured_at", sa.String(), nullable=False),
        sa.Column("settled_at", sa.String(), nullable=True),
        sa.Column("purged_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["file.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_document_batch_id", "document", ["batch_id"], unique=False)
    op.create_index("ix_document_client_document_index", "document", ["client_document_index"], unique=False)
    op.create_index("ix_document_file_id", "document", ["file_id"], unique=False)
    op.create_index("ix_document_patient_index", "document", ["patient_index"], unique=False)
    op.create_index("ix_document_state", "document", ["state"], unique=False)


def _page() -> None:
    op.create_table(
        "page",
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("image_sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["file.id"],
        ),
        sa.PrimaryKeyConstraint("file_id", "position"),
    )
    op.create_index("ix_page_document_id", "page", ["document_id"], unique=False)


def _evidence() -> None:
    """Envelopes before their first put, and what was read back."""
    op.create_table(
        "receipt",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("object_version", sa.String(), nullable=True),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
        ),
        sa.PrimaryKeyConstraint("document_id", "version"),
    )
    op.create_table(
        "sealed",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("pdf_size", BIG, nullable=False),
        sa.Column("pdfa_level", sa.String(), nullable=False),
        sa.Column("validators", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
        ),
        sa.PrimaryKeyConstraint("document_id", "version"),
        sa.UniqueConstraint("object_key"),
    )


def _ledger() -> None:
    """Custody entries, tree and checkpoints."""
    op.create_table(
        "custody_checkpoint",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "custody_entry",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "custody_node",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("index", BIG, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index"),
    )


def _triggers() -> None:
    unique: dict[str, list[tuple[str, ...]]] = {
        "custody_entry": [("seq",)],
        "custody_node": [("level", "index")],
        "custody_checkpoint": [("size",)],
        "fact": [("id",), ("digest",)],
    }
    for table, keys in unique.items():
        append_only(op, table, *keys)
    without_gaps(op, "custody_entry")
