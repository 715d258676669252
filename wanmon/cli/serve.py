"""Poll and answer HTTP, in the foreground; one per database."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.surroundings import Surroundings

if TYPE_CHECKING:
    from wanmon.cli.frame.serving import Serving

app = typer.Typer()


@app.command()
def serve(
    ctx: typer.Context,
    listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where the web answers.")] = None,
) -> None:
    """Poll every device and answer HTTP until told to stop. SIGHUP re-reads configuration and secrets."""
    from wanmon import log
    from wanmon.cli.frame import serving

    here: Surroundings = ctx.obj
    here.override(listen=listen)
    log.configure(here.settings.log_level)

    async def started(running: "Serving") -> None:
        log.log.info("serving", url=f"http://{running.listen}/", sites=len(running.board.sites))

    asyncio.run(serving.serve(here, here.settings.listen, started))
