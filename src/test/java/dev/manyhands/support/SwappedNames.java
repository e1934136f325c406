package dev.manyhands.support;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Two names that are swapped all the time, as by a hostile program. A directory may thus become a
 * link between two looks of another process. Missing names are waited for.
 */
public final class SwappedNames implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;
  private static final MethodHandle RENAMEAT2 =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("renameat2"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT));

  private final Thread swapper;
  private volatile boolean isOver;
  private volatile long swaps;

  public SwappedNames(Path one, Path other) {
    swapper = Thread.ofPlatform().daemon().name("swapper").start(() -> swap(one, other));
  }

  private void swap(Path one, Path other) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocateFrom(one.toString());
      MemorySegment second = arena.allocateFrom(other.toString());
      long done = 0;
      while (!isOver) {
        int failed =
            (int) RENAMEAT2.invokeExact(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
        if (failed == 0) {
          swaps = ++done;
        }
      }
    } catch (Throwable e) {
      throw new LinkageError("renameat2(2) cannot be called", e);
    }
  }

  /** Waits until they trade places; they have to be there. */
  public void awaitSwap() {
    long before = swaps;
    while (swaps == before) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    isOver = true;
    try {
      swapper.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts tests", e);
    }
  }
}
