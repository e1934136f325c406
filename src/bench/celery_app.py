"""The functions as Celery tasks on Redis, as its documentation has them; imported by the workers and by the client."""
import os

from celery import Celery

import functions

URL = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0")
app = Celery("bench", broker=URL, backend=URL)
app.conf.update(task_serializer="json", result_serializer="json", accept_content=["json"])
TASKS = {function.__name__: app.task(function, name=function.__name__) for function in functions.ALL}
