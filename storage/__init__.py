"""What lasts: database, register rows, custody ledger, spool, envelope, keys, hosts."""
