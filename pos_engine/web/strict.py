"""What every request body is: strict, and silent about what was sent."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A request body: unknown fields are refused and values never appear in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
