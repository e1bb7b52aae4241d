"""What a column may hold in any database."""

from sqlalchemy import BigInteger, Dialect, Integer, TypeDecorator
from sqlalchemy.types import TypeEngine


class Big(TypeDecorator[int]):
    """A number that may pass 2**31: eight bytes in any database. SQLite's INTEGER has them, and names the row."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        return Integer() if dialect.name == "sqlite" else BigInteger()
