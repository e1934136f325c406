package dev.manyhands.outside;

import java.util.function.Function;

/** Sends a request to a service: once, or until it is answered where the service may be away. */
interface Asker {
  Service.Answer ask(Function<Service, Service.Answer> request);

  /** Returns an asker of a service that is there. */
  static Asker of(Service service) {
    return request -> request.apply(service);
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
