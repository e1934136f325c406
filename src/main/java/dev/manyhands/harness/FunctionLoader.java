package dev.manyhands.harness;

import dev.manyhands.sdk.ItemFunction;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Creates the function of a worker from the class that the service names. */
final class FunctionLoader {

  private FunctionLoader() {}

  /** A function and the type that its items are converted to. */
  record Loaded(ItemFunction<@Nullable Object, @Nullable Object> function, Type itemType) {

    /**
     * Converts the item and calls the function. The conversion is part of the call, because the
     * constructor of a record is user code as well.
     */
    @SuppressWarnings(
        "NullAway") // null is an item too; the function decides whether it accepts null
    @Nullable Object call(@Nullable Object item, ItemContext context) throws Exception {
      if (item instanceof JsonException undecodable) {
        throw new IllegalArgumentException(
            "this item cannot be decoded: " + undecodable.getMessage());
      }
      try {
        return function.apply(Argument.convert(item, itemType), context);
      } finally {
        context.end();
      }
    }
  }

  /**
   * Thrown when the function cannot be loaded, or has no such initializer. The message contains the
   * remedy.
   */
  static final class LoadException extends Exception {
    private static final long serialVersionUID = 1;

    LoadException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * @param jar absent for functions that are on the class path of the worker
   * @throws Throwable thrown by the constructor or a static initialiser of the class
   */
  static Loaded load(@Nullable String className, @Nullable String jar) throws Throwable {
    if (className == null) {
      throw new LoadException("the function names no class", null);
    }
    Class<?> type = classOf(className, jar);
    if (!ItemFunction.class.isAssignableFrom(type)) {
      throw new LoadException(
          className + " does not implement " + ItemFunction.class.getName() + "; let it do so",
          null);
    }
    @SuppressWarnings("unchecked") // items are converted to its first argument before each call
    ItemFunction<@Nullable Object, @Nullable Object> function =
        (ItemFunction<@Nullable Object, @Nullable Object>) create(type);
    Type itemType = itemType(type);
    return new Loaded(function, itemType == null ? Object.class : itemType);
  }

  /**
   * Runs the initializer of a job: a public static method of the function's class. The class must
   * have exactly one such method with as many parameters as {@code args}.
   *
   * @throws Throwable thrown by the method
   */
  static void initialize(Class<?> type, String name, List<? extends @Nullable Object> args)
      throws Throwable {
    Method found = null;
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name)
          && Modifier.isStatic(method.getModifiers())
          && method.getParameterCount() == args.size()) {
        if (found != null) {
          throw new LoadException(
              type.getName()
                  + " has several methods "
                  + name
                  + " with "
                  + args.size()
                  + " parameters; give the initializer a name of its own",
              null);
        }
        found = method;
      }
    }
    if (found == null) {
      throw new LoadException(
          type.getName()
              + " has no public static method "
              + name
              + " with "
              + args.size()
              + " parameters, which is the initializer of the job",
          null);
    }
    Type[] types = found.getGenericParameterTypes();
    Object[] converted = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      converted[i] = Argument.convert(args.get(i), types[i]);
    }
    try {
      found.setAccessible(true); // the class may not be public
      found.invoke(null, converted);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      throw cause == null ? e : cause;
    }
  }

  private static Class<?> classOf(String name, @Nullable String jar) throws Exception {
    ClassLoader loader = FunctionLoader.class.getClassLoader();
    if (jar != null) {
      File file = new File(jar);
      if (!file.canRead()) {
        throw new LoadException("the jar " + jar + " is not there or cannot be read", null);
      }
      // Never closed, because the function uses the loader as long as the process lives.
      loader = new URLClassLoader(new URL[] {file.toURI().toURL()}, new SdkLoader(loader));
      Thread.currentThread().setContextClassLoader(loader);
    }
    try {
      return Class.forName(name, true, loader);
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      String reason = name.equals(e.getMessage()) ? "" : " (" + e.getMessage() + ")";
      throw new LoadException(
          "there is no class "
              + name
              + (jar == null ? " among the built-in functions" : " in the jar")
              + reason
              + "; give the full name with its package, and $ before a nested class",
          e);
    } catch (UnsupportedClassVersionError e) {
      throw new LoadException(
          e.getMessage() + "; compile it with --release " + Runtime.version().feature(), e);
    }
  }

  private static Object create(Class<?> type) throws Throwable {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (NoSuchMethodException | InstantiationException e) {
      throw new LoadException(
          type.getName()
              + " cannot be created; it needs to be a class that is not abstract, and static if"
              + " it is nested, with a constructor without parameters",
          e);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      throw cause == null ? e : cause;
    }
  }

  /**
   * Returns the type that the class gives for the items of {@link ItemFunction}; null if the class
   * leaves it open.
   */
  private static @Nullable Type itemType(Type type) {
    if (type == ItemFunction.class) {
      return null;
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == ItemFunction.class) {
      return generic.getActualTypeArguments()[0];
    }
    Class<?> raw =
        type instanceof ParameterizedType generic
            ? (Class<?>) generic.getRawType()
            : (Class<?>) type;
    Type superclass = raw.getGenericSuperclass();
    Type found = superclass == null || superclass == Object.class ? null : itemType(superclass);
    for (Type superinterface : raw.getGenericInterfaces()) {
      if (found == null) {
        found = itemType(superinterface);
      }
    }
    if (found instanceof TypeVariable<?> variable && type instanceof ParameterizedType generic) {
      TypeVariable<?>[] variables = raw.getTypeParameters();
      for (int i = 0; i < variables.length; i++) {
        if (variables[i].equals(variable)) {
          return generic.getActualTypeArguments()[i];
        }
      }
    }
    return found;
  }

  /**
   * Lets a jar see the JDK and the sdk, but no other class of the service that it could depend on.
   */
  private static final class SdkLoader extends ClassLoader {
    private static final String SDK = "dev.manyhands.sdk.";
    private final ClassLoader own;

    SdkLoader(ClassLoader own) {
      super(ClassLoader.getPlatformClassLoader());
      this.own = own;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith(SDK)) {
        return own.loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }
}
