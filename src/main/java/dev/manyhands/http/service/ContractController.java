package dev.manyhands.http.service;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/** The contract of the API over HTTP; {@link ContractPage} shows it. */
@RestController
@RequestMapping("/v3")
class ContractController {
  private static final String YAML = "application/vnd.oai.openapi";

  private final Contract contract = new Contract();
  private final JsonMapper json;

  ContractController(JsonMapper json) {
    this.json = json;
  }

  @GetMapping(path = "/api-docs", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> asJson(HttpServletRequest request) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(contract.servedBy(server(request))));
  }

  @GetMapping(path = "/api-docs.yaml", produces = YAML)
  ResponseEntity<byte[]> asYaml(HttpServletRequest request) {
    String text = Contract.textServedBy(json.writeValueAsString(server(request)));
    return ResponseEntity.ok()
        .contentType(MediaType.valueOf(YAML))
        .body(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the URL of the service with the host name that the client used. */
  private static String server(HttpServletRequest request) {
    return ServletUriComponentsBuilder.fromContextPath(request).build().toUriString();
  }
}
