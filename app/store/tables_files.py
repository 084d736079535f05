"""Who handed in which file: one file may be handed in by many, its bytes are kept once."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.store.columns import instant_field


class AttachmentHolder(SQLModel, table=True):
    """One handing-in of a file. Both owners empty means the zone's own staff."""

    __tablename__ = "attachment_holder"

    id: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    name: str
    size: int
    institution_id: str | None = Field(default=None, index=True)
    department_id: str | None = Field(default=None, index=True)
    account: str = Field(index=True)
    at: datetime = instant_field()
