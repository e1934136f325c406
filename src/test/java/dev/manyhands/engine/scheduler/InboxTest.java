package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InboxTest {
  private final Inbox inbox = new Inbox();

  @Test
  void everyQuestionIsAnsweredWhenTheSchedulerHasEnded() {
    var before = inbox.stored();
    assertThat(before).isNotDone();

    inbox.close();

    assertThat(before).isCompleted();
    assertThat(inbox.stored()).isCompleted();
    assertThat(inbox.ask(Message.AskWorkers::new))
        .isCompletedWithValueMatching(workers -> workers.isEmpty());
  }
}
