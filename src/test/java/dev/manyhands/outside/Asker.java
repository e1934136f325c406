package dev.manyhands.outside;

import java.util.function.Function;

/** Sends a request to a service: once, or until it is answered where the service may be away. */
interface Asker {
  Service.Answer ask(Function<Service, Service.Answer> request);

  /** Whether a request may have been served before the one that was answered. */
  default boolean repeats() {
    return true;
  }

  /** Returns an asker of a service that is there. */
  static Asker of(Service service) {
    return new Asker() {
      @Override
      public Service.Answer ask(Function<Service, Service.Answer> request) {
        return request.apply(service);
      }

      @Override
      public boolean repeats() {
        return false;
      }
    };
  }

  default Service.Answer get(String path) {
    return ask(service -> service.get(path));
  }

  default Service.Answer post(String path, String json) {
    return ask(service -> service.post(path, json));
  }

  default Service.Answer patch(String path, String change) {
    return ask(service -> service.patch(path, change));
  }
}
