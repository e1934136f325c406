package dev.manyhands.store.sql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** Connections that fail on demand. */
public final class FaultyDataSource extends AbstractDataSource {

  /** The fault of a call. */
  public enum Fault {
    NONE,
    /** No connection can be opened, and those that are open break. */
    GONE,
    /** The next commit reaches the database, its answer does not come back, and then it is gone. */
    COMMIT_ANSWER_LOST,
    /** The next commit does not reach the database, and then it is gone. */
    COMMIT_LOST,
    /** The next commit is rolled back because of others, and then all is well. */
    CONFLICT
  }

  private final DataSource real;
  private final AtomicReference<Fault> fault = new AtomicReference<>(Fault.NONE);
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger broken = new AtomicInteger();

  public FaultyDataSource(DataSource real) {
    this.real = real;
  }

  public void set(Fault next) {
    fault.set(next);
  }

  /** As when a firewall forgets them; new ones are sound. */
  public void breakOpenConnections() {
    broken.set(opened.get());
  }

  public int opened() {
    return opened.get();
  }

  @Override
  public Connection getConnection() throws SQLException {
    if (fault.get() == Fault.GONE) {
      throw gone();
    }
    Connection connection = real.getConnection();
    int number = opened.incrementAndGet();
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> call(connection, number, method, arguments));
  }

  @Override
  public Connection getConnection(String user, String password) {
    throw new UnsupportedOperationException();
  }

  private Object call(Connection connection, int number, Method method, Object[] arguments)
      throws Throwable {
    boolean commits = method.getName().equals("commit");
    if (commits && fault.compareAndSet(Fault.COMMIT_ANSWER_LOST, Fault.GONE)) {
      connection.commit();
      throw gone();
    }
    if (commits && fault.compareAndSet(Fault.COMMIT_LOST, Fault.GONE)) {
      connection.rollback();
      throw gone();
    }
    if (commits && fault.compareAndSet(Fault.CONFLICT, Fault.NONE)) {
      connection.rollback();
      throw new SQLException("others were first", "40001", 5); // BUSY
    }
    Object answer = pass(connection, number, method, arguments);
    return answer instanceof PreparedStatement statement
        ? Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            (proxy, called, with) -> pass(statement, number, called, with))
        : answer;
  }

  private Object pass(Object target, int number, Method method, Object[] arguments)
      throws Throwable {
    if ((fault.get() == Fault.GONE || number <= broken.get())
        && !method.getName().equals("close")) {
      throw gone();
    }
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  /** Vendor code 10 is SQLite's IOERR; class 08 is PostgreSQL's connection exceptions. */
  private static SQLException gone() {
    return new SQLException("gone", "08006", 10);
  }
}
