"""What every kind of entry has in common."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Seconds = Annotated[float, Field(ge=0, le=2**31 - 1, allow_inf_nan=False)]
Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]


class EntryData(BaseModel):
    """What an entry of one kind tells: each subclass is the `data` of its `kind`.

    A field with a default is one that some entries do not have: what was not given is not written. Fields that nobody
    here knows are passed over: a newer version may have written them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    kind: ClassVar[str]

    def to_data(self) -> dict[str, Any]:
        """Return it as the log keeps it, to be made into JSON."""
        return self.model_dump(by_alias=True, exclude_unset=True)
