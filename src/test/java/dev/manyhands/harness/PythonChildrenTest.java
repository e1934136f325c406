package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Requirements;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that inline code starts, and that import its module. */
class PythonChildrenTest {
  private static final String MAP = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}";

  /** The declaration of another encoding would change the text in a file. */
  private static final String CODE =
      """
      # -*- coding: latin-1 -*-
      import manyhands, multiprocessing, os, pickle, time
      from concurrent.futures import ProcessPoolExecutor
      class Box:
          def __init__(self, content): self.content = content
      def boxed(x):
          return Box([x, 'é', manyhands.item_index(), manyhands.stopped()])
      def random(x):
          return manyhands.rng().random()
      def pipes(x):
          names = [os.readlink('/proc/self/fd/' + n) for n in os.listdir('/proc/self/fd') if int(n) > 99]
          return [name for name in names if name.startswith('pipe')]
      def waiting(path):
          open(path, 'w').close()
          while not manyhands.stopped(): time.sleep(.001)
          return 'stopped'
      def run(method, function, argument):
          with multiprocessing.get_context(method).Pool(1) as pool:
              return pool.map(function, [argument])[0]
      def f(way):
          if way == 'pickle':
              return pickle.loads(pickle.dumps(boxed))(1).content[:2] + [pickle.loads(pickle.dumps(Box(2))).content]
          if way == 'executor':
              with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context('spawn')) as pool:
                  return pool.submit(boxed, 1).result().content
          if way == 'joblib':
              import joblib
              return joblib.Parallel(n_jobs=2)(joblib.delayed(boxed)(1) for _ in 'ab')[0].content
          if way == 'random' or way == 'pipes':
              return run('spawn', globals()[way], 1)
          if way == 'wait':
              return run('spawn', waiting, os.environ['TMPDIR'] + '/waits')
          if way == 'manager':
              with multiprocessing.get_context('forkserver').Manager() as manager:
                  return list(manager.list([way]))
          return run(way, boxed, 1).content
      """;

  @ParameterizedTest
  @ValueSource(strings = {"spawn", "forkserver", "executor"})
  void theyFindFunctionsAndClasses(String way) throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP);
      assertThat(worker.run(1, 5, "[\"" + way + "\"]").values()).isEqualTo("[[1,\"é\",-1,false]]");
    }
  }

  private static final String DEBIAN = "/usr/bin/python3";

  @Test
  void joblibFindsFunctionsAndClasses() throws Exception {
    // A package of Debian is for the interpreter of Debian, which need not be the first in PATH.
    Requirements.pythonModule(DEBIAN, "joblib");
    try (var worker = Workers.pythonOf(DEBIAN, CODE)) {
      worker.send(MAP);
      assertThat(worker.run(1, 5, "[\"joblib\"]").values()).isEqualTo("[[1,\"é\",-1,false]]");
    }
  }

  @Test
  void pickleFindsFunctionsAndClasses() throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[\"pickle\"]").values()).isEqualTo("[[1,\"é\",2]]");
    }
  }

  @Test
  void theyHaveNoRandomNumbersOfAnItemAndNoPipeOfTheWorker() throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[\"random\",\"pipes\"]");
      assertThat(answer.values()).isEqualTo("[null,[]]");
      assertThat(answer.error(0).path("message").asString()).contains("this process runs no item");
    }
  }

  @Test
  void theyLearnThatTheItemMustStop() throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP);
      worker.sendChunk(1, 0, 1, "[\"wait\"]");
      Awaitility.await().until(() -> Files.exists(worker.directory().resolve("waits")));
      worker.word(STOP, 1);
      worker.word(ATTENTION, 1);
      assertThat(worker.answer(1, 0).values()).isEqualTo("[\"stopped\"]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"forkserver", "manager"})
  void theirSocketsWorkInADirectoryWithALongPath(String way, @TempDir Path directory)
      throws Exception {
    Path home = directory.resolve("d".repeat(80)).resolve("e".repeat(80));
    Files.createDirectories(home);
    try (var worker = Workers.PYTHON.start(home)) {
      worker.send(Workers.loadPython(CODE, "f"));
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(MAP);
      var answer = worker.run(1, 5, "[\"" + way + "\"]");
      assertThat(answer.errors()).isEmpty();
    }
    assertThat(home).isNotEmptyDirectory();
  }
}
