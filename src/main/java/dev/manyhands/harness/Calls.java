package dev.manyhands.harness;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls to the service about shared objects, over the pipes of the worker. Safe for use by any
 * thread.
 *
 * <p>A thread of its own reads the pipe, once a job has shared objects. It hands each answer to the
 * thread that waits for it, and keeps all other frames for the main loop. A waiting thread could
 * read for all others and save a switch of threads. But threads run user code: a full stack in the
 * middle of a frame would cost the worker.
 */
final class Calls implements Runnable {
  /** The service ends a worker with more unanswered calls. */
  private static final int MOST_UNANSWERED = 4_096;

  private final FrameChannel channel;
  private final AtomicLong lastNumber = new AtomicLong();

  // Guarded by this object.

  private final Map<Long, Call> unanswered = new HashMap<>();

  /** Frames for the main loop. */
  private final Deque<Frame> kept = new ArrayDeque<>();

  private boolean ended;

  private Calls(FrameChannel channel) {
    this.channel = channel;
  }

  /** Takes over the receiving end of the channel. */
  static Calls over(FrameChannel channel) {
    Calls calls = new Calls(channel);
    new ItemThreadState("manyhands-reads", null).thread(calls).start();
    return calls;
  }

  /** Returns the next frame that is no answer; null when the service is gone. For the main loop. */
  synchronized @Nullable Frame receive() {
    while (kept.isEmpty() && !ended) {
      awaitChange(this);
    }
    return kept.poll();
  }

  /** Returns a number for a call. */
  long nextNumber() {
    return lastNumber.incrementAndGet();
  }

  /** Begins the frame of a call; more members may follow. */
  static void begin(JsonWriter frame, long number, String object, String operation)
      throws UnserializableException {
    frame.ascii("    {\"op\":\"shared\",\"object\":");
    frame.string(object);
    frame.ascii(",\"do\":\"");
    frame.ascii(operation);
    frame.ascii("\",\"call\":");
    frame.value(number);
  }

  /**
   * Makes a call, and waits for its answer. An interrupt does not end the wait, because the answer
   * would be lost. The thread is interrupted again afterwards.
   */
  Frame call(long number, JsonWriter frame) {
    Call call = new Call();
    boolean interrupted = begin(number, call);
    boolean sent = false;
    try {
      channel.send(frame);
      sent = true;
    } catch (IOException gone) {
      WorkerMain.leave();
    } finally {
      if (!sent) {
        take(number); // for lack of memory or of stack
      }
    }
    Frame answer;
    synchronized (call) {
      while (call.answer == null) {
        interrupted |= awaitChange(call);
      }
      answer = call.answer;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return answer;
  }

  /** Sends a call whose answer no thread waits for. */
  void tell(JsonWriter frame) {
    try {
      channel.send(frame);
    } catch (IOException gone) {
      WorkerMain.leave();
    }
  }

  private synchronized boolean begin(long number, Call call) {
    boolean interrupted = false;
    while (unanswered.size() >= MOST_UNANSWERED) {
      interrupted |= awaitChange(this);
    }
    if (ended) {
      WorkerMain.leave();
    }
    unanswered.put(number, call);
    return interrupted;
  }

  private synchronized @Nullable Call take(long number) {
    if (unanswered.size() >= MOST_UNANSWERED) {
      notifyAll();
    }
    return unanswered.remove(number);
  }

  /** Reads frames until the service is gone. */
  @Override
  public void run() {
    try {
      Frame frame = channel.receive();
      while (frame != null) {
        if ("shared".equals(frame.text("op"))) {
          answer(frame);
        } else {
          keep(frame);
        }
        frame = channel.receive();
      }
      end();
    } catch (Throwable e) {
      WorkerMain.endForABug(e);
    }
  }

  private void answer(Frame frame) {
    Call call = take(frame.need("call"));
    if (call != null) {
      synchronized (call) {
        call.answer = frame;
        call.notifyAll();
      }
    }
  }

  private synchronized void keep(Frame frame) {
    kept.add(frame);
    notifyAll();
  }

  /** Lets the main loop end. Ends the process at once if a thread waits for an answer. */
  private synchronized void end() {
    ended = true;
    if (!unanswered.isEmpty()) {
      WorkerMain.leave();
    }
    notifyAll();
  }

  /** Waits for a notification; returns whether the thread was interrupted instead. */
  @SuppressWarnings("WaitNotInLoop") // the callers have the loop
  private static boolean awaitChange(Object monitor) {
    try {
      monitor.wait();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** Guards its answer. */
  private static final class Call {
    @Nullable Frame answer;
  }
}
