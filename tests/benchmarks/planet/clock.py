"""A clock that some processes go by, and that can be set: a small library before the system's (Linux, a C compiler).

libfaketime won't do: it touches sleeping, too, and Python's `time.sleep` then fails now and then where the machine is
busy ("Invalid argument"), while no clock has been set.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

_LIBRARY = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t right = 0;
static const volatile int64_t *ahead = &right;

__attribute__((constructor)) static void look(void) {
    int file = open(getenv("CLOCK_AHEAD_FILE"), O_RDONLY);
    void *seen = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (seen != MAP_FAILED) ahead = seen;
    if (file >= 0) close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *ahead;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

/* The locks of multiprocessing wait for a time of day: the kernel's. */
int sem_timedwait(sem_t *restrict lock, const struct timespec *restrict until) {
    struct timespec of_kernel = {until->tv_sec - *ahead, until->tv_nsec};
    return sem_clockwait(lock, CLOCK_REALTIME, &of_kernel);
}
"""


class Clock:
    """The time of day for who is started with its variables. Nobody else's changes, nor the monotonic one."""

    def __init__(self, folder: Path) -> None:
        self._file, self._library = folder / "clock", folder / "clock.so"
        self._file.write_bytes(bytes(mmap.PAGESIZE))
        compiler = shutil.which("cc")
        assert compiler, "needs a C compiler (Debian: apt install gcc libc6-dev)"
        command = [compiler, "-shared", "-fPIC", "-O2", "-x", "c", "-", "-o", str(self._library)]
        subprocess.run(command, input=_LIBRARY.encode(), check=True)

    def turn(self, seconds: int) -> None:
        """So much later than it is, at once."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", seconds))

    @property
    def variables(self) -> dict[str, str]:
        """For the environment. Children inherit it, so those that read feeds go by this clock, too."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_AHEAD_FILE": str(self._file)}
