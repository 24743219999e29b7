"""Who may act: accounts, roles, signing in."""
