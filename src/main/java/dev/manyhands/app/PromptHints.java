package dev.manyhands.app;

import java.io.IOException;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;

/**
 * HTTP 1.1 of the web server, with informational answers (103) that leave at once. The server alone
 * writes them into a buffer that it flushes with the final answer, when they are of no use.
 */
public final class PromptHints extends Http11NioProtocol {
  @Override
  protected Processor createProcessor() {
    return new Http11Processor(this, getAdapter()) {
      @Override
      protected void earlyHints() throws IOException {
        super.earlyHints();
        flush();
      }
    };
  }
}
