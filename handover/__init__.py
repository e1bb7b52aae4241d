"""Give it all back: accounts, lists, ledger export, report."""
