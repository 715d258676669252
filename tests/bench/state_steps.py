"""How many observations a second the rules of health take in, of provinces of several sizes and kinds of weather.

Prints a line for each; one core, no network, no database. A province of 178 devices asks for 36 a second.
"""
# ruff: noqa: T201 - a benchmark prints

import random
import time

from wanmon.health.life import Kind, Probe, retry_after_s
from wanmon.health.observation import Verdict
from wanmon.health.province import Province
from wanmon.health.topology import Shape

SIZES = (178, 3_000)
LOSSES = (0.0, 0.1, 0.3)
SLOT_S = 5.0
SECONDS = 2.0


def province(size: int) -> tuple[Province, list[str]]:
    """A hub, a district for every twenty sites, and the others behind them."""
    codes = [f"S{number}" for number in range(size)]
    districts = codes[1 : 1 + size // 20]
    parents = dict.fromkeys(districts, (codes[0],)) | {codes[0]: ()}
    for number, code in enumerate(codes[1 + len(districts) :]):
        parents[code] = (districts[number % len(districts)],)
    made = Province()
    made.follow(
        {code: Shape(parents[code], (f"{code}-R1",)) for code in codes},
        dict.fromkeys(map(lane, codes), SLOT_S),
        (),
        0.0,
    )
    return made, [lane(code) for code in codes]


def lane(code: str) -> str:
    return f"{code}-R1"


def steps_per_second(size: int, loss: float) -> float:
    """Slots and retries, as a poller would ask, for some seconds of this machine."""
    made, lanes = province(size)
    dice = random.Random(size)
    now_s, steps, began_s = 0.0, 0, time.perf_counter()
    while time.perf_counter() - began_s < SECONDS:
        now_s += SLOT_S
        for number, name in enumerate(lanes):
            at_s, kind = now_s + number * SLOT_S / len(lanes), Kind.SLOT
            while True:
                verdict = Verdict.FAIL if dice.random() < loss else Verdict.OK
                made.observe(name, Probe(at_s, verdict, kind, 0.1), at_s)
                steps += 1
                at_s, kind = at_s + 1.0, Kind.RETRY
                if kind is Kind.RETRY and retry_after_s(made.lives[name], at_s) is None:
                    break
    return steps / (time.perf_counter() - began_s)


def main() -> None:
    print(f"{'devices':>8} {'loss':>5} {'steps per second':>17} {'share of a core':>16}")
    for size in SIZES:
        for loss in LOSSES:
            rate = steps_per_second(size, loss)
            print(f"{size:>8} {loss:>5.0%} {rate:>17,.0f} {size / SLOT_S / rate:>16.2%}")


if __name__ == "__main__":
    main()
