package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.model.Tally;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Services that die one after the other, with their jobs. Each takes over what is stored by the one
 * before it. A chunk takes no time, or is never answered because the service dies.
 */
class SuspicionTest {
  private static final int SLOTS = 3;
  private static final int MOST_SERVICES = 60;

  private final Map<JobId, Stored> store = new LinkedHashMap<>();

  /** The job whose items ran alone last in the life of this service; null for none. */
  private @Nullable Stored aloneLast;

  /** A job as the store has it. */
  private static final class Stored {
    final Job job;
    final TreeMap<Long, Outcomes> outcomes = new TreeMap<>();
    int deaths;
    @Nullable ItemRange alone;
    int aloneDeaths;
    @Nullable JobState end;

    Stored(Job job) {
      this.job = job;
    }

    long items() {
      return job.status().tally().total();
    }

    List<ItemError> errors() {
      return outcomes.values().stream().flatMap(each -> each.errors().stream()).toList();
    }

    CoreEvent.Run run() {
      var done = outcomes.values().stream().map(Outcomes::items).toList();
      long failed = errors().size();
      long count = done.stream().mapToLong(ItemRange::count).sum();
      var tally = new Tally(items(), count - failed, failed, 0, outcomes.size(), 0, 0, 0);
      return new CoreEvent.Run(
          job,
          1,
          ItemRange.complement(done, items()),
          tally,
          List.of(),
          new ServiceDeaths(deaths, aloneDeaths == 0 ? null : alone, aloneDeaths));
    }
  }

  /** One service: its core, and what its slots have. */
  private final class Service {
    final SchedulerCore core = new SchedulerCore(SLOTS, 0, spec -> 1);
    final List<Action.Dispatch> out = new ArrayList<>();
    int aloneOut;
    int millisPerStep = 1;
    long now;

    void perform(Action action) {
      switch (action) {
        case Action.Dispatch dispatch -> {
          assertThat(aloneOut).as("chunks that run alone").isZero();
          if (dispatch.alone()) {
            assertThat(out).as("what runs beside %s", dispatch).isEmpty();
            aloneOut++;
            Stored stored = store.get(dispatch.job().id());
            stored.alone = dispatch.chunk().items();
            stored.aloneDeaths = dispatch.chunk().attempt() - 1;
            aloneLast = stored;
          }
          out.add(dispatch);
        }
        case Action.RecordOutcomes record -> {
          Outcomes outcomes = record.report().outcomes();
          store.get(record.job()).outcomes.put(outcomes.items().first(), outcomes);
          assertThat(record.report().pid()).isGreaterThanOrEqualTo(0);
        }
        case Action.Finish finish -> store.get(finish.job()).end = finish.status().state();
        default -> {}
      }
    }

    void tell(CoreEvent command) {
      core.handle(command, moment()).forEach(this::perform);
    }

    Now moment() {
      now += millisPerStep * 1_000_000L;
      return new Now(now, Instant.EPOCH.plusNanos(now));
    }

    /** Answers a chunk; null if the slot has none. */
    void answer(Action.Dispatch dispatch) {
      out.remove(dispatch);
      aloneOut = 0;
      Chunk chunk = dispatch.chunk();
      int count = Math.toIntExact(chunk.items().count());
      byte[] values = "1,".repeat(count).substring(0, 2 * count - 1).getBytes();
      var outcomes = new Outcomes(chunk.items(), values, List.of(), new Outcomes.Cost(0.01, 0, 0));
      core.handle(
              new SlotEvent.Reported(
                  dispatch.slot(), chunk.number(), List.of(outcomes), true, 1, 1),
              moment())
          .forEach(this::perform);
    }
  }

  private Stored submit(int number, long items) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec = JobSpec.of(function, new Inputs.Listed(items));
    var job = new Job(new JobId(new UUID(1, number)), spec, Instant.EPOCH, JobStatus.queued(items));
    var stored = new Stored(job);
    store.put(job.id(), stored);
    return stored;
  }

  private Service nextService() {
    var service = new Service();
    aloneLast = null;
    store.values().stream()
        .filter(each -> each.end == null)
        .forEach(each -> service.tell(each.run()));
    return service;
  }

  private void die() {
    for (Stored each : store.values()) {
      if (each.end == null) {
        each.deaths++;
        each.aloneDeaths += each == aloneLast ? 1 : 0;
      }
    }
  }

  private boolean isAllDone() {
    return store.values().stream().allMatch(each -> each.end != null);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 17, 499, 999})
  void anItemThatEndsTheServiceIsFoundAndCostsItselfOnly(long poison) {
    Stored guilty = submit(1, 1000);
    Stored innocent = submit(2, 300);
    Stored small = submit(3, 1);
    var random = new Random(poison);
    int services = 0;
    while (!isAllDone()) {
      assertThat(++services).isLessThan(MOST_SERVICES);
      Service service = nextService();
      while (!service.out.isEmpty()) {
        var next = service.out.get(random.nextInt(service.out.size()));
        boolean kills =
            next.job().id().equals(guilty.job.id()) && next.chunk().items().contains(poison);
        if (kills) {
          die();
          break;
        }
        service.answer(next);
      }
    }
    assertThat(guilty.errors()).extracting(ItemError::index).containsExactly(poison);
    assertThat(guilty.errors().getFirst().kind()).isEqualTo(ItemError.Kind.CRASH);
    assertThat(guilty.errors().getFirst().type()).isEqualTo("ServiceDeath");
    assertThat(guilty.errors().getFirst().attempts()).isEqualTo(2);
    assertThat(guilty.errors().getFirst().message()).endsWith("that was attempt 2 of 2");
    assertThat(guilty.end).isEqualTo(JobState.FAILED);
    assertThat(innocent.errors()).isEmpty();
    assertThat(small.errors()).isEmpty();
    assertThat(innocent.end).isEqualTo(JobState.SUCCEEDED);
    // Three to become suspicious, two per round of halving by 32, two for the item alone.
    assertThat(services).isLessThanOrEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void twentyDeathsThatNobodyCausedChargeNobody(int seed) {
    Stored one = submit(1, 4000);
    Stored other = submit(2, 2500);
    var random = new Random(seed);
    for (int death = 0; death < 20 && !isAllDone(); death++) {
      Service service = nextService();
      for (int left = random.nextInt(1, 60); left > 0 && !service.out.isEmpty(); left--) {
        service.answer(service.out.get(random.nextInt(service.out.size())));
      }
      die();
    }
    Service last = nextService();
    while (!last.out.isEmpty()) {
      last.answer(last.out.getFirst());
    }
    assertThat(one.end).isEqualTo(JobState.SUCCEEDED);
    assertThat(other.end).isEqualTo(JobState.SUCCEEDED);
    assertThat(one.errors()).isEmpty();
    assertThat(other.errors()).isEmpty();
  }

  @Test
  void aSuspectedJobKeepsItsTurnForAWhile() {
    for (int number = 0; number < 13; number++) {
      submit(number, 100).deaths = ServiceDeaths.SUSPICIOUS;
    }
    assertThat(turns(nextService())).hasSize(13);
    assertThat(isAllDone()).isTrue();
  }

  @Test
  void aLongSuspectedJobLeavesTurnsToOthers() {
    submit(1, 1_000_000).deaths = ServiceDeaths.SUSPICIOUS;
    submit(2, 1_000_000).deaths = ServiceDeaths.SUSPICIOUS;
    Service service = nextService();
    service.millisPerStep = 200;
    assertThat(turns(service)).hasSizeGreaterThan(10);
  }

  @Test
  void aJobThatIsNotSuspectedDoesNotWaitForTheEndOfATurn() {
    submit(1, 1_000_000).deaths = ServiceDeaths.SUSPICIOUS;
    Service service = nextService();
    service.answer(service.out.getFirst());
    Stored trusted = submit(2, 1);
    service.tell(trusted.run());
    service.answer(service.out.getFirst());
    assertThat(service.out.getFirst().job().id()).isEqualTo(trusted.job.id());
  }

  @Test
  void anItemThatHangsDoesNotStopOthersBehindASuspectedJob() {
    submit(1, 1_000).deaths = ServiceDeaths.SUSPICIOUS;
    Service service = nextService();
    Stored hanging = submit(2, 1);
    service.tell(hanging.run());
    JobId suspected = service.out.getFirst().job().id();
    assertThat(service.core.aloneTurn()).isEqualTo(new AloneTurn(suspected, true));
    service.answer(service.out.getFirst());
    assertThat(service.out).hasSize(1).allMatch(each -> each.job().id().equals(hanging.job.id()));
    assertThat(service.core.aloneTurn()).isEqualTo(new AloneTurn(suspected, false));
    Stored other = submit(3, 1);
    service.tell(other.run());
    service.millisPerStep = 600;
    for (int i = 0; i < 3 && service.out.size() == 1; i++) {
      service.tell(new CoreEvent.Tick());
    }
    assertThat(service.out)
        .extracting(each -> each.job().id())
        .containsExactly(hanging.job.id(), other.job.id());
  }

  /** Answers all that a service hands out; the jobs in the order of their turns. */
  private static List<JobId> turns(Service service) {
    var turns = new ArrayList<JobId>();
    while (!service.out.isEmpty()) {
      var next = service.out.getFirst();
      if (turns.isEmpty() || !turns.getLast().equals(next.job().id())) {
        turns.add(next.job().id());
      }
      service.answer(next);
    }
    return turns;
  }

  @Test
  void aServiceThatRunsForAWhileTrustsItsJobsAgain() {
    Stored stored = submit(1, 1000);
    stored.deaths = ServiceDeaths.SUSPICIOUS;
    Service service = nextService();
    assertThat(service.out).hasSize(1);
    service.aloneOut = 0;
    service.tell(new CoreEvent.EndSuspicion());
    assertThat(service.core.aloneTurn()).isNull();
    service.answer(service.out.getFirst());
    var slots = new HashMap<Integer, Integer>();
    service.out.forEach(each -> slots.merge(each.slot(), 1, Integer::sum));
    assertThat(slots).hasSize(SLOTS);
  }

  @Test
  void fewerDeathsChangeNothing() {
    Stored stored = submit(1, 1000);
    stored.deaths = ServiceDeaths.SUSPICIOUS - 1;
    assertThat(nextService().out).hasSize(SLOTS);
  }

  @Test
  void whatTheServiceSaysOfAnItemRanNowhere() {
    assertThat(OutcomeReport.SERVICE).isNotEqualTo(OutcomeReport.REMEMBERED).isNegative();
  }
}
