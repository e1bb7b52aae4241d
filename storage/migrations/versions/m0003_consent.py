"""What the consent gate needs: facts with everything that was said, and what follows from them.

Columns and tables are added and nothing is rebuilt.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import BIG, sort_text_by_bytes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _facts()
    _custody()
    _people()
    _change_of_mind()
    _review_records()
    _forms()
    _imports()
    _paper()
    sort_text_by_bytes(op)


def _facts() -> None:
    """What old rows did not say, they do not say now."""
    op.add_column("fact", sa.Column("said_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("fact", sa.Column("about", sa.String(), nullable=True))
    op.add_column("fact", sa.Column("recorded_by", sa.String(), nullable=True))
    op.create_index("ix_fact_about", "fact", ["about"], unique=False)
    for name in ("ins_import_id", "parted_by"):
        op.add_column("patient", sa.Column(name, sa.String(), nullable=True))
        op.create_index(f"ix_patient_{name}", "patient", [name], unique=False)


def _people() -> None:
    """Who may decide, what their keys were asked to sign, and what waits for a second person."""
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.String(), nullable=True),
        sa.Column("locked_at", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.String(), nullable=True),
        sa.Column("enrolled_at", sa.String(), nullable=False),
        sa.Column("enrolled_by", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("second_id", sa.String(), nullable=True),
        sa.Column("settled_at", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_review_act", "review", ["act"], unique=False)
    op.create_index("ix_review_outcome", "review", ["outcome"], unique=False)


def _custody() -> None:
    """A file that was set aside can be sealed for the client; of one that was lost with a machine there is nothing."""
    op.add_column("file", sa.Column("custody", sa.String(), nullable=True))
    op.add_column("file", sa.Column("cleared_at", sa.String(), nullable=True))
    op.execute(
        "UPDATE file SET custody = 'curable' WHERE state = 'set-aside' AND COALESCE(reason, '') <> 'lost-with-station'"
    )


def _change_of_mind() -> None:
    """What is to be judged anew, what is restricted, and what is to be deleted at the host."""
    op.create_table(
        "rejudge",
        sa.Column("patient_index", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("to_close", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("patient_index"),
    )
    op.create_table(
        "judged",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "releasable",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"]),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_table(
        "restriction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("lifted_at", sa.String(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_restriction_document_id", "restriction", ["document_id"], unique=False)
    _deletions()


def _deletions() -> None:
    names = ("first_by", "first_at", "second_by", "second_at", "ordered_by", "ordered_at")
    ends = ("ended_by", "ended_at", "locked_until", "proof")
    op.create_table(
        "deletion",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "document_id", "state", "reason")),
        sa.Column("proposed_at", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in names),
        sa.Column("order_sealed", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ends),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_deletion_document_id", "deletion", ["document_id"], unique=False)
    op.create_index("ix_deletion_state", "deletion", ["state"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("patient_index", sa.String(), nullable=True),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.String(), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hold_document_id", "hold", ["document_id"], unique=False)
    op.create_index("ix_hold_patient_index", "hold", ["patient_index"], unique=False)


def _paper() -> None:
    """What was destroyed has a reference."""
    op.add_column("paper", sa.Column("reference_sealed", sa.LargeBinary(), nullable=True))


def _review_records() -> None:
    """Which documents have a masked strip for their reviewer."""
    op.create_table(
        "review_record",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.String(), nullable=False),
        sa.Column("erased_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"]),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_index("ix_review_record_erased_at", "review_record", ["erased_at"], unique=False)


def _forms() -> None:
    """Authorization forms: which was printed for whom, what came back, and from which drop folder a file came."""
    op.add_column("file", sa.Column("kind", sa.String(), nullable=False, server_default=sa.text("'records'")))
    op.create_table(
        "form",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient_index", sa.String(), nullable=False),
        sa.Column("patient_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.String(), nullable=False),
        sa.Column("printed_on", sa.String(), nullable=False),
        sa.Column("notice_sha256", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_form_patient_index", "form", ["patient_index"], unique=False)
    op.create_table(
        "form_return",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("positions", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("object_key", sa.String(), nullable=True),
        sa.Column("waits_as", sa.String(), nullable=True),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("pdf_size", BIG, nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("size", BIG, nullable=True),
        sa.Column("host", sa.String(), nullable=True),
        sa.Column("object_version", sa.String(), nullable=True),
        sa.Column("deposited_at", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.Column("checked_at", sa.String(), nullable=True),
        sa.Column("leaving", sa.String(), nullable=True),
        sa.Column("recalled_by", sa.String(), nullable=True),
        sa.Column("captured_at", sa.String(), nullable=False),
        sa.Column("cleared_at", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"]),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("file_id", "form_id", "state"):
        op.create_index(f"ix_form_return_{column}", "form_return", [column], unique=False)


def _imports() -> None:
    """An import that takes another one back says which; none is taken back twice. How much one covers is counted."""
    op.add_column("import", sa.Column("undoes", sa.String(), nullable=True))
    op.add_column("import", sa.Column("covers", sa.Integer(), nullable=True))
    op.create_index("ix_import_undoes", "import", ["undoes"], unique=True)
