package dev.manyhands.http.client;

import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The Python client of this service, and the page that shows how to install it. */
@RestController
class ClientController {
  private static final String PAGE = "client/index.html";
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  @GetMapping("/client")
  ResponseEntity<Void> withoutSlash() {
    return ResponseEntity.status(HttpStatus.FOUND).location(URI.create("/client/")).build();
  }

  @GetMapping(path = "/client/", produces = "text/html;charset=UTF-8")
  ResponseEntity<String> page(HttpServletRequest request) throws IOException {
    String page = new ClassPathResource(PAGE).getContentAsString(StandardCharsets.UTF_8);
    String address = request.getRequestURL().toString().replaceAll("/client/$", "");
    return ResponseEntity.ok()
        .header("Content-Security-Policy", POLICY)
        .body(
            page.replace("${version}", ClientWheel.version())
                .replace("${address}", HtmlUtils.htmlEscape(address)));
  }

  @GetMapping(path = "/client/{file:.+\\.whl}", produces = "application/octet-stream")
  ResponseEntity<byte[]> wheel(@PathVariable String file) throws IOException {
    ClientWheel wheel = ClientWheel.make();
    if (!file.equals(wheel.name())) {
      throw new Refusal(
          Refusal.Reason.NOT_FOUND,
          "this service has another version of its client: /client/" + wheel.name(),
          List.of());
    }
    return ResponseEntity.ok().header("Cache-Control", "no-cache").body(wheel.bytes());
  }
}
