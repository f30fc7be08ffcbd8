"""Banner of `make up`: one table of every address that a newcomer opens next."""

from collections.abc import Iterable, Mapping

from egpay_local.paths import Paths
from egpay_local.tcp_ports import Port


def render(urls: Mapping[str, str], ports: Iterable[Port], paths: Paths, took: float) -> str:
    rows = {**urls, "logs": f"{paths.logs}/", "settings": f"{paths.state / 'env'} (passwords too; source it)"}
    width = max(map(len, rows))
    lines = [f"  {name:<{width}}  {address}" for name, address in rows.items()]
    lines += [
        f"  port {port.moved_from} was taken: {port.number} is used instead"
        for port in ports
        if port.moved_from
    ]
    return "\n".join(
        ["", f"egpay is up ({took:.1f} s); Ctrl-C stops it, its data stays.", "", *lines, "", ""]
    )
