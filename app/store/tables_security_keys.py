"""Security keys of accounts, and the challenges that wait for their answers."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from app.store.columns import instant_field


class SecurityKey(SQLModel, table=True):
    """A key an account proves itself by: its public half only.

    `credential_id` is its name in WebAuthn; `sign_count` the counter it last showed.
    """

    __tablename__ = "security_key"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    credential_id: str = Field(unique=True)
    public_key: str
    sign_count: int = Field(default=0, sa_type=BigInteger)  # 32 bits without sign
    name: str = ""
    added_at: datetime = instant_field()
    used_at: datetime | None = instant_field(default=None)


class KeyChallenge(SQLModel, table=True):
    """A challenge that waits for one answer; only its hash is kept, and no longer than needed.

    `bound_to` names the ceremony and whose it is: a session, a link or a login.
    """

    __tablename__ = "key_challenge"

    challenge_hash: str = Field(primary_key=True)
    bound_to: str
    expires_at: datetime = instant_field()
