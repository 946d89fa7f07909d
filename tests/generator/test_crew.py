"""Work is shared out among the cores, and comes back whole."""

import os
import signal
import sys
import threading

import pytest

from generator.crew import FEW, CrewLost, cores, together


def test_every_job_is_done_once_and_comes_back_with_its_number() -> None:
    jobs = [f"job {number}" for number in range(FEW * 3)]

    done = list(together(lambda job: f"{job} done", jobs))

    assert sorted(done) == sorted((number, f"{job} done") for number, job in enumerate(jobs))


@pytest.mark.skipif(
    cores() < 2 or sys.platform != "linux", reason="one core, or a system that cannot fork safely"
)
def test_many_jobs_are_done_by_several_processes_and_few_by_this_one() -> None:
    alone = {process for _, process in together(lambda _: os.getpid(), range(FEW - 1))}
    shared = {process for _, process in together(lambda _: os.getpid(), range(FEW * 4))}

    assert alone == {os.getpid()}
    assert len(shared - {os.getpid()}) > 1


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


@pytest.mark.skipif(
    cores() < 2 or sys.platform != "linux", reason="one core, or a system that cannot fork safely"
)
def test_a_process_that_the_system_ends_is_told_in_a_sentence() -> None:
    here = os.getpid()

    def work(job: int) -> int:
        if job == FEW and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return job

    with pytest.raises(CrewLost, match="want of memory"):
        list(together(work, range(FEW * 4)))


def test_what_goes_wrong_in_a_job_goes_wrong_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(together(lambda job: 1 // (FEW - job), range(FEW * 2)))
