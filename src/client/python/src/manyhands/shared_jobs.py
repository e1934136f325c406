"""Which shared objects a job uses, and how they become the job's."""

import json
from urllib.parse import quote

from .shared_state import Here, There, content, dumps
from .values import packed

MIXED = (
    "a job has shared objects of its own or those of one Manager, and not both:"
    " make all of them by one Manager"
)


class Declared(dict):
    """The declaration of shared objects: those of one job, or of a Manager."""

    def __init__(self, objects, form, packer):
        """Declares the objects, by name, with the state that they have now, which stays so.

        form: "python" or "json", as the values of the job
        packer: notes which modules the values need
        """
        super().__init__()
        self._objects = objects
        self._claims = {}  # by name: the Here whose state the object begins with
        self._rest = []  # objects, and what gives a There the rest of its state
        self._resumes = False  # whether the job waits for that

        def pack(value):
            return json.loads(packed(value, form, lambda each: dumps(each, packer)))

        try:
            for name, one in objects.items():
                self._claims[name] = _claim(one)
                self[name] = one._declared(pack)
                rest = one._rest()
                if rest is not None:
                    self._rest.append((one, rest))
        except BaseException:
            self.release()
            raise

    def release(self):
        """Has the objects as they were: there is no job."""
        for home in self._claims.values():
            home.release()

    def pause(self, head):
        """Has a job wait for the rest of the state of its objects."""
        self._resumes = bool(self._rest) and not head.get("paused")
        if self._resumes:
            head["paused"] = True

    def bind_to_job(self, http, job):
        try:
            self.bind(http, job._path + "/shared", job.view["values"], "job " + job.id, job)
        except BaseException:
            job.give_up()
            raise
        if self._resumes:
            job.view = http.json("PATCH", job._path, {"paused": False})

    def bind(self, http, path, form, owner, job=None):
        """Makes the objects those of a job or a set, which is at the service."""
        for name, one in self._objects.items():
            place = "%s/%s" % (path, quote(name, safe=""))
            one._home = There(http, place, form, owner, self._claims[name], job)
        try:
            for one, give_rest in self._rest:
                give_rest(one._home)
        except BaseException:
            for name, one in self._objects.items():
                one._home = self._claims[name]
            self.release()
            raise


def _claim(one):
    """Returns the Here with which an object begins in a job. It goes on if its job has ended."""
    home = one._home
    if home.is_local:
        return home.claim()
    if not home.job.refresh().is_over or not home.is_taken.acquire(False):
        raise RuntimeError(
            "shared object %r is of job %s, which has not ended: use the objects of a"
            " manyhands.Manager() in several jobs at once" % (one._name, home.job.id)
        )
    try:
        state = home.before.state
        if one.KIND not in ("lock", "semaphore"):
            state = content(home.http, home.path, lambda held: map(home.opened, held))
    except BaseException:
        home.is_taken.release()
        raise
    one._home = Here(one.KIND, state)
    return one._home.claim()


def declare(head, packer, form):
    """Adds the shared objects to a head of a job that its function and its items refer to."""
    named = dict(head.get("shared") or {})
    for name, one in packer.shared.items():
        if named.setdefault(name, one) is not one:
            raise ValueError("two shared objects of the job have the name %r" % name)
    objects = {name: one for name, one in named.items() if is_shared(one)}
    if not objects:
        return
    manager = manager_of(objects.values())
    if manager is None:
        made = head["shared"] = Declared(objects, form, packer)
        made.update((name, one) for name, one in named.items() if name not in objects)
        made.pause(head)
    elif len(objects) < len(named) or "sharedSet" in head:
        raise TypeError(MIXED)
    else:
        head["sharedSet"] = manager._made()


def is_shared(one):
    return hasattr(type(one), "__manyhands_shared__")


def name_all(declared, packer):
    """Gives objects the names under which the caller declares them."""
    for name, one in declared.items():
        if is_shared(one):
            if one._manager is not None:
                raise TypeError(
                    "object %r of a Manager has its name already: leave it out of 'shared', a"
                    " function that refers to it finds it" % name
                )
            if packer.shared.get(one._name) is one:
                raise ValueError("shared object %r is declared under two names" % name)
            one._name = name
            packer.shared[name] = one


def manager_of(objects):
    """Returns the one Manager of the objects; None if they are of jobs."""
    managers = {id(one._manager): one._manager for one in objects}
    if len(managers) > 1:
        raise TypeError(MIXED)
    return next(iter(managers.values()), None)


def managed(packer):
    """Returns the Manager whose objects a call of an executor refers to; None for no objects."""
    manager = manager_of(packer.shared.values())
    if packer.shared and manager is None:
        raise TypeError(
            "shared object %r is of one job, and an executor makes several: make it by a Manager,"
            " as in `with manyhands.Manager() as m: counter = m.Value('i', 0)`"
            % next(iter(packer.shared))
        )
    return manager
