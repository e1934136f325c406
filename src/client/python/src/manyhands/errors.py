"""The exceptions of the client. Those of user code come back as themselves, not as one of these."""

from concurrent.futures import CancelledError, TimeoutError
from concurrent.futures.process import BrokenProcessPool


class ManyhandsError(Exception):
    """An error of the client or the service, and not of the user's function."""


class ServiceError(ManyhandsError):
    """The service refused a request. Its text says which field, and what to do."""

    def __init__(self, status, problem):
        self.status = status
        self.problem = problem
        detail = problem.get("detail") or problem.get("title") or "no reason was given"
        super().__init__("%s (%d)" % (detail, status))


class NotReachable(ManyhandsError, ConnectionError):
    """No service answered at the address."""


class WrongToken(ServiceError, PermissionError):
    """The service asks for a token, or did not accept the one it was sent."""

    def __str__(self):
        return (
            "the service did not accept the token (%d); set MANYHANDS_TOKEN, or pass token=,"
            " to one of the service's manyhands.security.tokens" % self.status
        )


class JobFailed(ManyhandsError):
    """A job failed as a whole, and not because of one item."""

    def __init__(self, job_id, message, traceback=None):
        self.job_id = job_id
        self.remote_traceback = traceback
        super().__init__(message)


class ItemError(ManyhandsError):
    """The function raised an exception that cannot be made again here. The text has its type."""

    def __init__(self, type_name, message):
        self.type_name = type_name
        super().__init__("%s: %s" % (type_name, message) if message else type_name)


class ItemSkipped(ManyhandsError, CancelledError):
    """The item has no outcome: its job ended, or was cancelled, before the item had finished."""


class WorkerCrash(ManyhandsError, BrokenProcessPool):
    """The worker died while it ran the item. The executor goes on: a crash costs one item."""


class OutOfMemory(WorkerCrash, MemoryError):
    """The item needed more memory than its worker may have."""


class ItemTimeout(ManyhandsError, TimeoutError):
    """The item exceeded its time limit."""


class NotTrusted(ManyhandsError):
    """A pickle was not opened, because this process did not submit the job."""

    def __init__(self, job_id):
        super().__init__(
            "job %s was not submitted by this process, and opening a pickle runs code: use"
            ' manyhands.job("%s", trust=True) if everybody who may submit jobs is trusted'
            % (job_id, job_id)
        )


class NotSendable(ManyhandsError):
    """A function or a value cannot be sent to this service. The text says what to do."""


class NotInWorker(ManyhandsError, RuntimeError):
    """The call asks about the item that a worker runs, and this process is no worker."""


class SharedFull(ManyhandsError, RuntimeError):
    """A shared object of a job cannot hold more. Raised in workers."""
