"""What the editor's questions take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.assistance.formatting_leases import FormattingLeases


class AssistanceParts(Parts, Protocol):
    """Those of every feature, and:"""

    formatting: FormattingLeases


AssistancePartsDep = Annotated[AssistanceParts, Depends(get_parts)]
