"""Host names as parameters give them: letters, digits, hyphens, dots, or an address. No user, no port, no path."""

import re
from typing import Annotated

from pydantic import AfterValidator

from wanmon.protocols.resolving import is_address

#: RFC 1123 section 2.1, and underscores, which names in DNS may have (RFC 2181 section 11).
_HOST_NAME = re.compile(r"(?=.{1,253}\.?$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_-]{1,63}\.?")


def _host_name(text: str) -> str:
    if text and not is_address(text) and not _HOST_NAME.fullmatch(text):
        raise ValueError("is no host name like www.bacninh.gov.vn, and no address")
    return text


#: A host name or an address; empty for none.
HostName = Annotated[str, AfterValidator(_host_name)]
