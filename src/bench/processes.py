"""The processor time and memory of processes, as Linux reports them. Times are exact to a tick of the clock, usually 10 ms."""
import os

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid):
    """User and system time of one process, all its threads, without its children."""
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_bytes(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * PAGE_BYTES


def cpu_of_tree(root):
    """The processor time of a process and of each one under it, by pid."""
    parents, seconds = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = stat(name)
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            parents[int(name)] = int(fields[1])
            seconds[int(name)] = (int(fields[11]) + int(fields[12])) / TICKS
    return {pid: seconds[pid] for pid in seconds if root in ancestry(pid, parents)}


def ancestry(pid, parents):
    while pid:
        yield pid
        pid = parents.get(pid)


def stat(pid):
    """The fields after the command, which may have blanks and brackets of its own: the first is the state."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()
