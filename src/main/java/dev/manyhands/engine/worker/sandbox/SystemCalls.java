package dev.manyhands.engine.worker.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Collections;

/**
 * Calls of the Linux kernel that Java has no class for. Calls that change something change it for
 * the calling <em>thread</em>. A negative result is an error: minus its number.
 */
final class SystemCalls {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int ELOOP = 40;

  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERROR =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private SystemCalls() {}

  /** Returns whether there is a Linux kernel to call. Without one, no method here may be called. */
  static boolean areThere() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** Makes the call of this number, which must be a number of the present processor. */
  static int call(int number, long first, long second, long third, long fourth) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      return result(
          (long) Handles.CALL.invokeExact(state, (long) number, first, second, third, fourth),
          state);
    } catch (Throwable e) {
      throw new LinkageError("syscall(2) cannot be called", e);
    }
  }

  /** {@code prctl(2)}. */
  static int control(int option, long argument) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      return result(
          (long) Handles.CONTROL.invokeExact(state, (long) option, argument, 0L, 0L, 0L), state);
    } catch (Throwable e) {
      throw new LinkageError("prctl(2) cannot be called", e);
    }
  }

  /** {@code close(2)}. */
  static void close(int descriptor) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      long ignored = (long) Handles.CLOSE.invokeExact(state, (long) descriptor);
    } catch (Throwable e) {
      throw new LinkageError("close(2) cannot be called", e);
    }
  }

  /** {@code capget(2)}. */
  static int getCapabilities(MemorySegment header, MemorySegment sets) {
    return capabilities(Handles.GET_CAPABILITIES, header, sets);
  }

  /** {@code capset(2)}. */
  static int setCapabilities(MemorySegment header, MemorySegment sets) {
    return capabilities(Handles.SET_CAPABILITIES, header, sets);
  }

  private static int capabilities(MethodHandle call, MemorySegment header, MemorySegment sets) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      return result((long) call.invokeExact(state, header.address(), sets.address()), state);
    } catch (Throwable e) {
      throw new LinkageError("capabilities(7) cannot be called", e);
    }
  }

  /**
   * Returns the int that a call returned, or minus the number of its error. The upper half of the
   * long is undefined.
   */
  private static int result(long returned, MemorySegment state) {
    return (int) returned == -1 ? -(int) ERROR.get(state, 0L) : (int) returned;
  }

  /** Looked up on first use, because other systems do not have these functions. */
  private static final class Handles {
    static final MethodHandle CALL = handle("syscall", 5, Linker.Option.firstVariadicArg(1));
    static final MethodHandle CONTROL = handle("prctl", 5, Linker.Option.firstVariadicArg(1));
    static final MethodHandle CLOSE = handle("close", 1);
    static final MethodHandle GET_CAPABILITIES = handle("capget", 2);
    static final MethodHandle SET_CAPABILITIES = handle("capset", 2);

    /** Each argument has a register of its own, so that all arguments may be longs. */
    private static MethodHandle handle(String name, int arguments, Linker.Option... variadic) {
      var linker = Linker.nativeLinker();
      var longs =
          Collections.nCopies(arguments, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new);
      var options = new Linker.Option[variadic.length + 1];
      System.arraycopy(variadic, 0, options, 0, variadic.length);
      options[variadic.length] = Linker.Option.captureCallState("errno");
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name),
          FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs),
          options);
    }
  }
}
