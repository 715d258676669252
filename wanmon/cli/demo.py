"""Show the whole thing on one machine: the example province simulated, polled and served."""

import asyncio
import errno
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.output import say
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.config.layout import shipped
from wanmon.errors import WanmonError

if TYPE_CHECKING:
    from wanmon.cli.frame.serving import Serving

app = typer.Typer()

EXAMPLE = "bac-ninh"
CREDENTIAL = "demo"
AGENTS_START_WITHIN_S = 30.0
END_WITHIN_S = 5.0

CONFIG = """\
# The configuration of a demo; it goes when the demo ends.
database = "sqlite:///var/wanmon.db"
listen = "{listen}"
log_level = "warning"
"""
CREDENTIALS = """\
[snmp.{name}]
version = "2c"
community = "{community}"
networks = ["127.0.0.0/8"]
"""


@app.command()
def demo(
    ctx: typer.Context,
    sites: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N sites.")] = None,
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where the web answers.")] = "127.0.0.1:17700",
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Faults to play: YAML like `BN-0001-R1: silent`.")
    ] = None,
) -> None:
    """Simulate the example province, poll it and serve it, until Ctrl-C. Nothing to configure, and nothing is left."""
    from wanmon import log
    from wanmon.cli.frame import serving

    # The demo is all its own: WANMON_* would beat its file and lead it to a real database and real secrets.
    for variable in [name for name in os.environ if name.startswith("WANMON_")]:
        del os.environ[variable]
    with tempfile.TemporaryDirectory(prefix="wanmon-demo-") as name:
        folder = Path(name)
        _fill(ctx.obj, folder, listen, sites)
        here = Surroundings(folder / "wanmon.toml", ctx.obj.clock)
        log.configure(here.settings.log_level)
        with _agents(folder, faults or folder / "faults.yaml"):
            try:
                asyncio.run(serving.serve(here, here.settings.listen, lambda running: _tell(running, folder)))
            finally:
                here.close()
    say("the demo has ended, everything is gone")


def _fill(here: Surroundings, folder: Path, listen: str, sites: int | None) -> None:
    """Configuration, credential and database of the demo, all its own."""
    from wanmon.config.settings import listen_address
    from wanmon.exchange import plan
    from wanmon.exchange.folder import read
    from wanmon.lab.province import played
    from wanmon.model.change import Action
    from wanmon.model.inventory import NOUNS, Edit
    from wanmon.store import inventory, schema
    from wanmon.store.database import Database

    try:
        port = int(listen_address(listen).rpartition(":")[2])
    except ValueError as error:
        raise WanmonError(f"--listen {listen}: {error}") from None
    (folder / "wanmon.toml").write_text(CONFIG.format(listen=listen), encoding="utf-8")
    credentials = folder / "secrets.toml"
    credentials.touch(mode=0o600)
    credentials.write_text(CREDENTIALS.format(name=CREDENTIAL, community=secrets.token_hex(8)), encoding="utf-8")
    province = plan.whole(read(str(shipped("inventory") / EXAMPLE))).after
    province = played(province, CREDENTIAL, ("127.0.0.1", port), sites)
    edits = [
        Edit(Action.ADD, noun, key, {column: getattr(row, column) for column in noun.columns})
        for noun in NOUNS
        for key, row in province.rows(noun).items()
    ]
    url = f"sqlite:///{folder / 'var' / 'wanmon.db'}"
    schema.upgrade(url)
    database = Database.open(url)
    with database.write() as session:
        inventory.apply(session, edits, author="demo", origin="demo", command="demo", reason="", at=here.clock.now())
    database.close()


@contextmanager
def _agents(folder: Path, faults: Path) -> Iterator[None]:
    """The simulated agents, in a process of their own that ends with this one however it ends."""
    command = [sys.executable, "-m", "wanmon", "--config", str(folder / "wanmon.toml")]
    command += ["lab", "agents", "--while-stdin-open", "--faults", str(faults)]
    # A session of its own: Ctrl-C reaches this process alone, which then ends the agents in order.
    with subprocess.Popen(  # noqa: S603  # our own program
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            _await_agents(child)
            threading.Thread(target=_pass_on, args=(child,), daemon=True).start()
            yield
        finally:
            if child.stdin:
                child.stdin.close()
            try:
                child.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()


def _await_agents(child: "subprocess.Popen[str]") -> None:
    """Return once they answer; raise what they say if they do not."""
    assert child.stderr is not None
    said = "they said nothing"
    patience = threading.Timer(AGENTS_START_WITHIN_S, child.kill)
    patience.start()
    try:
        for line in child.stderr:
            if "agents answer" in line:
                return
            said = line.strip().removeprefix("wanmon: ") or said
    finally:
        patience.cancel()
    taken = ": is another demo running?" if os.strerror(errno.EADDRINUSE) in said else ""
    raise WanmonError(f"the simulated agents did not start: {said}{taken}")


def _pass_on(child: "subprocess.Popen[str]") -> None:
    """What the agents say later: faults taken, and faults that could not be."""
    assert child.stderr is not None
    for line in child.stderr:
        sys.stderr.write(line)


async def _tell(running: "Serving", folder: Path) -> None:
    """One line once every site is up, and how to look further."""
    from wanmon.model.state import State

    say(f"polling {len(running.board.sites)} simulated sites, the first round takes half a minute")
    while not (running.board.is_ready and all(view.state is State.UP for view in running.board.sites.values())):
        await asyncio.sleep(0.2)
    say(f"{len(running.board.sites)} sites up: http://{running.listen}/ (Ctrl-C ends it)")
    say(f"in a second terminal: {sys.argv[0]} --config {folder / 'wanmon.toml'} status")
    say(f"to break something: echo 'BN-0001-R1: silent' > {folder / 'faults.yaml'}")
