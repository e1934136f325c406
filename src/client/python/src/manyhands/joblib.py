"""A backend for Joblib: `register()` once, then `Parallel(backend="manyhands")`.

    import joblib, manyhands as mh

    mh.joblib.register()
    joblib.Parallel(backend="manyhands")(joblib.delayed(f)(x) for x in xs)

The batches of Joblib are calls of one executor. `n_jobs` is the most workers, -1 for all.
"""


def register(client=None, **options):
    """Makes the backend known to Joblib, under the name "manyhands".

    Keywords are options of its jobs. Parallel takes them too, and then they go before these.
    """
    from joblib import register_parallel_backend

    def make(**others):
        return backend()(client=client, options=options, **others)

    register_parallel_backend("manyhands", make)


def backend():
    """Returns the class of the backend. Joblib is imported here, because nothing else needs it."""
    from joblib._parallel_backends import AutoBatchingMixin, ParallelBackendBase, SequentialBackend
    from joblib.parallel import FallbackToBackend

    from .executor import Executor

    class ManyhandsBackend(AutoBatchingMixin, ParallelBackendBase):
        supports_retrieve_callback = True
        supports_inner_max_num_threads = False
        supports_timeout = True
        default_n_jobs = -1

        def __init__(self, client=None, options=None, nesting_level=None, **others):
            super().__init__(nesting_level=nesting_level)
            self._client, self._options = client, {**(options or {}), **others}
            self._executor = None

        def effective_n_jobs(self, n_jobs):
            if n_jobs == 0:
                raise ValueError("n_jobs == 0 in Parallel has no meaning")
            if n_jobs is None:
                return 1
            return n_jobs if n_jobs > 0 else max(1, self._slots() + 1 + n_jobs)

        def _slots(self):
            from .client import default

            return (self._client or default()).service()["slots"]["total"]

        def configure(self, n_jobs=1, parallel=None, prefer=None, require=None, **others):
            if require == "sharedmem":
                raise ValueError("workers of a service share no memory with this process")
            workers = self.effective_n_jobs(n_jobs)
            if workers == 1:
                raise FallbackToBackend(SequentialBackend(nesting_level=self.nesting_level))
            self.parallel = parallel
            self._executor = Executor(workers, client=self._client, name="joblib", **self._options)
            return workers

        def submit(self, func, callback=None):
            # The calls themselves: the service need not have Joblib, which their batch belongs to.
            future = self._executor.submit_batch(list(func.items))
            if callback is not None:
                future.add_done_callback(callback)
            return future

        apply_async = submit  # Joblib before 1.4

        def retrieve_result_callback(self, out):
            return out.result()

        def abort_everything(self, ensure_ready=True):
            self._executor.terminate_workers()
            if ensure_ready:
                self.configure(n_jobs=self.parallel.n_jobs, parallel=self.parallel)

        def terminate(self):
            if self._executor is not None:
                self._executor.shutdown()
                self._executor = None
            self.reset_batch_stats()

        def get_nested_backend(self):
            nesting = (self.nesting_level or 0) + 1
            return SequentialBackend(nesting_level=nesting), None

    return ManyhandsBackend
