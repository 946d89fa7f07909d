"""Work is shared out among the cores, and comes back whole."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

import pytest

from generator.builds.crew import FEW, CrewLost, cores, together

T = TypeVar("T")

needs_several_cores = pytest.mark.skipif(
    cores() < 2 or sys.platform != "linux", reason="one core, or a system that cannot fork safely"
)


def in_a_fresh_process(work: Callable[[], T]) -> T:
    """Call `work` where no other thread runs: those that serve other tests forbid to fork here."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work).result()


def processes_at_work(jobs: int) -> set[bool]:
    """Say whether jobs were done in the process that asked (True) and in others (False)."""
    here = os.getpid()
    return {process == here for _, process in together(lambda _: os.getpid(), range(jobs))}


def killed_at_work() -> str:
    here = os.getpid()

    def work(job: int) -> int:
        if job == FEW and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return job

    try:
        list(together(work, range(FEW * 4)))
    except CrewLost as lost:
        return str(lost)
    return ""


def test_every_job_is_done_once_and_comes_back_with_its_number() -> None:
    jobs = [f"job {number}" for number in range(FEW * 3)]

    done = list(together(lambda job: f"{job} done", jobs))

    assert sorted(done) == sorted((number, f"{job} done") for number, job in enumerate(jobs))


@needs_several_cores
def test_many_jobs_are_done_by_other_processes_too_and_few_by_this_one() -> None:
    assert in_a_fresh_process(partial(processes_at_work, FEW - 1)) == {True}
    assert in_a_fresh_process(partial(processes_at_work, FEW * 4)) == {True, False}


def test_beside_other_threads_the_jobs_are_done_here() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        processes = {process for _, process in together(lambda _: os.getpid(), range(FEW * 2))}
    finally:
        stop.set()
        thread.join()

    assert processes == {os.getpid()}


@needs_several_cores
def test_a_process_that_the_system_ends_is_told_in_a_sentence() -> None:
    assert "want of memory" in in_a_fresh_process(killed_at_work)


def test_what_goes_wrong_in_a_job_goes_wrong_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(together(lambda job: 1 // (FEW - job), range(FEW * 2)))
