"""The database: the only sessions and queries. SQLite, in SQL that PostgreSQL speaks too where it can."""
