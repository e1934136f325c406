package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.jobs.JobDesk;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Single items over HTTP. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/items")
class ItemsController {
  private final JobDesk jobs;
  private final ItemReader items;
  private final JsonMapper json;

  ItemsController(JobDesk jobs, ItemReader items, JsonMapper json) {
    this.jobs = jobs;
    this.items = items;
    this.json = json;
  }

  @GetMapping("/{index}")
  ResponseEntity<byte[]> get(@PathVariable String id, @PathVariable long index) {
    var item = items.get(jobs.get(JobPath.id(id)), index);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(item));
  }
}
