"""Work shared out among the cores of a machine."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
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


def in_turn(work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Answer]:
    """Do one job after the other."""
    return map(work, jobs)


def together(work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Answer]:
    """Do jobs on all cores; answers come as they are ready. Raises CrewLost where a process was ended.

    Processes are forked, so that each begins with all that was read already; where that cannot be done safely
    (other threads run, or the system is not Linux) and where it does not pay, the jobs are done in turn.
    """
    is_safe = hasattr(os, "sched_getaffinity") and threading.active_count() == 1
    if len(jobs) < FEW:
        yield from in_turn(work, jobs)
        return
    gc.enable()  # rendering leaves garbage in circles
    yield work(jobs[0])  # what the first job loads is there for all processes
    if cores() < 2 or not is_safe:
        yield from in_turn(work, jobs[1:])
        return
    gc.freeze()  # what is there already stays shared between the processes
    try:
        yield from _forked(work, jobs[1:])
    except BrokenProcessPool:
        raise CrewLost(
            "A process that rendered pages was ended by the system, most likely for want of memory. "
            "Nothing was changed. Free some memory and build again: what is done is not done twice."
        ) from None
    finally:
        gc.unfreeze()


def _forked(work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Answer]:
    handfuls = [jobs[at : at + _A_HANDFUL] for at in range(0, len(jobs), _A_HANDFUL)]
    pool = ProcessPoolExecutor(
        min(cores(), len(handfuls)),
        mp_context=multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(work,),
    )
    try:
        waiting = {pool.submit(_do, handful) for handful in handfuls}
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in ready:
                yield from one.result()
    finally:
        pool.shutdown(cancel_futures=True)


_work: Callable[[Any], Any]


def _begin(work: Callable[[Any], Any]) -> None:
    """Take the work over from the process that forked this one; a function need not be picklable for that."""
    global _work
    _work = work
    gc.enable()


def _do(jobs: Sequence[Any]) -> list[Any]:
    return [_work(job) for job in jobs]
