package dev.manyhands.api;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Single items over HTTP. */
@RestController
@RequestMapping("/api/v1/jobs/{id}/items")
@Tag(name = "Jobs")
class ItemsController {
  private final Jobs jobs;
  private final Items items;
  private final JsonMapper json;

  ItemsController(Jobs jobs, Items items, JsonMapper json) {
    this.jobs = jobs;
    this.items = items;
    this.json = json;
  }

  @GetMapping("/{index}")
  @Operation(
      operationId = "getItem",
      summary = "Look at one item",
      description =
          """
          Its input, what became of it, and where it ran. Times are measured by the chunk: `seconds` is the mean of the items \
          that were reported together, `startedAt` and `finishedAt` are theirs.\
          """,
      responses =
          @ApiResponse(
              responseCode = "200",
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON_VALUE,
                      schema = @Schema(implementation = ItemView.class),
                      examples = @ExampleObject(Examples.ITEM))))
  ResponseEntity<byte[]> get(@PathVariable String id, @PathVariable long index) {
    var item = items.get(jobs.get(JobsController.id(id)), index);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(item));
  }
}
