"""Work shared out among the cores of a machine."""

import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

FEW: Final = 40
"""So few jobs are done sooner than a second process has started."""
_A_HANDFUL: Final = 8
"""How many jobs a process takes at once."""


class CrewLost(Exception):
    """A process ended before it had done its jobs; the message is a sentence that says what may help."""


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_turn(work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
    """Do one job after the other; each answer comes with its job's number."""
    return ((number, work(job)) for number, job in enumerate(jobs))


def together(work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
    """Do jobs on all cores; answers come as they are ready. Raises CrewLost where a process was ended.

    Processes are forked, so that each begins with all that was read already, the jobs among it. Where that
    cannot be done safely (other threads run, or the system is not Linux), and where it does not pay, the jobs
    are done in turn.
    """
    is_safe = hasattr(os, "sched_getaffinity") and threading.active_count() == 1
    if len(jobs) < FEW:
        yield from in_turn(work, jobs)
        return
    gc.enable()  # work such as this leaves garbage in circles
    if cores() < 2 or not is_safe:
        yield from in_turn(work, jobs)
        return
    from concurrent.futures.process import BrokenProcessPool  # takes long to load, and edits never need it

    yield 0, work(jobs[0])  # what the first job loads is there for all processes
    gc.freeze()  # and what is there already stays shared between them
    try:
        yield from _forked(work, jobs)
    except BrokenProcessPool:
        raise CrewLost(
            "A process that rendered pages was ended by the system, most likely for want of memory. "
            "Nothing was changed. Free some memory and build again: what is done is not done twice."
        ) from None
    finally:
        gc.unfreeze()


def _forked(work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
    import multiprocessing
    from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

    handfuls = iter([range(at, min(at + _A_HANDFUL, len(jobs))) for at in range(1, len(jobs), _A_HANDFUL)])
    pool = ProcessPoolExecutor(
        cores(),
        mp_context=multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(work, jobs),
    )
    try:
        # No more than a few at a time, so that answers do not pile up where they are taken slowly.
        waiting = {pool.submit(_do, handful) for handful in islice(handfuls, 3 * cores())}
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            waiting |= {pool.submit(_do, handful) for handful in islice(handfuls, len(ready))}
            for one in ready:
                yield from one.result()
    finally:
        pool.shutdown(cancel_futures=True)


_work: Callable[[Any], Any]
_jobs: Sequence[Any]


def _begin(work: Callable[[Any], Any], jobs: Sequence[Any]) -> None:
    """Take work and jobs over from the process that forked this one: neither need be picklable for that."""
    global _work, _jobs
    _work, _jobs = work, jobs
    gc.enable()


def _do(numbers: Sequence[int]) -> list[tuple[int, Any]]:
    return [(number, _work(_jobs[number])) for number in numbers]
