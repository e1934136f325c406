package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.Keys;
import tools.jackson.databind.JsonNode;

/** The console in a real browser, against a service that asks for a token. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleIT {
  private static final String TOKEN = "a-token-of-the-tests-0123456789";
  private static final String SQUARE = "def f(x): return x * x";

  /** The bytes of scripts that a browser needs before somebody does anything, compressed. */
  private static final int MOST_SCRIPT_BYTES = 60_000;

  private static final String HOSTILE =
      "<img src=x onerror=alert(1)>\"><svg onload=alert(2)></title><script>alert(3)</script>";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Browser browser;
  private Service service;

  @BeforeAll
  void start() throws IOException {
    browser = Browser.start();
    service =
        Service.start(
            Service.newDirectory(),
            "--server.port=" + freePort(),
            "--manyhands.security.tokens=" + TOKEN);
    browser.load(service.uri("/").toString());
    browser.run("sessionStorage.setItem('manyhands.token', arguments[0])", TOKEN);
  }

  @AfterAll
  void stop() {
    if (service != null) {
      service.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void widen() {
    browser.look(1280, "light");
  }

  @AfterEach
  void nothingWasRefused() {
    browser.assertNothingRefused();
  }

  // ---- sign-in

  @Test
  void aPersonSignsInAndAWrongTokenIsReported() {
    show("jobs");
    browser.run("sessionStorage.clear()");
    show("jobs");
    browser.await("This service asks for a token");
    assertThat(browser.text("main")).doesNotContain("Squares");

    browser.type("dialog input[name=token]", "a-wrong-token-0123456789", Keys.ENTER);
    browser.await("did not accept this token");
    browser.type("dialog input[name=token]", TOKEN, Keys.ENTER);
    browser.awaitTrue("!document.querySelector('dialog')");
    browser.awaitTrue("document.querySelector('main .examples, main table') !== null");

    assertThat(browser.address()).doesNotContain(TOKEN);
    assertThat(browser.run("return document.cookie")).isEqualTo("");
    assertThat(browser.run("return localStorage.getItem('manyhands.token')")).isNull();
    assertThat(service.log()).doesNotContain(TOKEN);
  }

  @Test
  void aTokenThatIsNoLongerValidIsAskedForAgain() {
    show("jobs");
    browser.run("sessionStorage.setItem('manyhands.token', 'an-expired-token-0123456789')");
    show("functions");
    browser.await("did not accept this token");
    browser.type("dialog input[name=token]", TOKEN, Keys.ENTER);
    browser.await("check_prime");
  }

  @Test
  void aTokenThatIsWithdrawnUnderAnOpenPageIsAskedForAgain() throws Exception {
    String port = "--server.port=" + freePort();
    var directory = Service.newDirectory();
    try (var before = Service.start(directory, port, "--manyhands.security.tokens=" + TOKEN)) {
      open(before, "jobs");
      browser.await("This service asks for a token");
      browser.type("dialog input[name=token]", TOKEN, Keys.ENTER);
      browser.await("No jobs yet");
      before.killMinus9();
      browser.await("Not connected since");
    }
    String another = "another-token-of-the-tests-0123456789";
    try (var after = Service.start(directory, port, "--manyhands.security.tokens=" + another)) {
      browser.await("did not accept this token");
      browser.click("Close");
      browser.await("The service asks for a token.");
      browser.click("Sign in");
      browser.type("dialog input[name=token]", another, Keys.ENTER);
      browser.awaitTrue("!document.querySelector('dialog, .connection')");
      browser.await("No jobs yet");
      assertThat(after.log()).doesNotContain(TOKEN, another);
    }
  }

  // ---- jobs

  @Test
  void anExampleIsDoneWithTheMouseAlone() throws Exception {
    try (var fresh = Service.start(Service.newDirectory())) {
      open(fresh, "jobs");
      browser.await("No jobs yet");
      browser.click("Run Squares");
      browser.await("10 of 10");
      browser.await("Succeeded");
      browser.await("100");
      browser.click("Items");
      browser.click("9");
      browser.await("Where it ran");
      browser.click("Close");
      browser.click("Timeline");
      browser.awaitTrue("document.querySelector('.lanes canvas') !== null");
      browser.click("Jobs");
      browser.click("squares");
      browser.await("10 of 10");
      browser.assertNothingRefused();
    }
  }

  @Test
  void anExampleIsDoneWithTheKeyboardAlone() throws Exception {
    try (var fresh = Service.start(Service.newDirectory())) {
      open(fresh, "jobs");
      browser.await("No jobs yet");
      tabTo("document.activeElement.ariaLabel === 'Run Squares'");
      browser.press(Keys.ENTER);
      browser.await("10 of 10");
      browser.await("Succeeded");
      tabTo("document.activeElement.textContent.trim() === 'Items'");
      browser.press(Keys.ENTER);
      awaitRows(10);
      tabTo(
          "document.activeElement.matches('tbody button') && document.activeElement.innerText === '9'");
      browser.press(Keys.ENTER);
      browser.await("Where it ran");
      browser.press(Keys.ESCAPE);
      browser.awaitTrue("!document.querySelector('dialog')");
      tabTo("document.activeElement.textContent.trim() === 'Timeline'");
      browser.press(Keys.ENTER);
      browser.awaitTrue("document.querySelector('.lanes canvas') !== null");
      tabTo("document.activeElement.matches('.lanes canvas')");
      browser.press(Keys.ARROW_RIGHT);
      browser.await("open the first item");
      browser.press(Keys.ENTER);
      browser.await("Where it ran");
      browser.press(Keys.ESCAPE);
      browser.awaitTrue("!document.querySelector('dialog')");
      browser.press("g", "j");
      awaitRows(1);
      browser.press("j", Keys.ENTER);
      browser.await("10 of 10");
      browser.assertNothingRefused();
    }
  }

  @Test
  void theSharedObjectsOfAJobAreShownAsTheyChange() throws Exception {
    try (var fresh = Service.start(Service.newDirectory())) {
      String shared =
          "{\"found\": {\"value\": 7}, \"gate\": {\"lock\": {}}, \"seen\": {\"dict\": {\"a\": "
              + quote(HOSTILE)
              + "}}}";
      var job =
          fresh.job().python(SQUARE).inputs(1).paused().optionAsWritten("shared", shared).submit();
      open(fresh, "jobs/" + job.id());
      browser.await("Shared objects");
      browser.await("1 entry");
      fresh.post(job.path() + "/shared/found", "{\"do\": \"set\", \"args\": [4711]}");
      browser.await("4711");
      browser.click("Entries of seen");
      browser.await("onerror=alert(1)");
      fresh.post(job.path() + "/shared/seen", "{\"do\": \"set\", \"args\": [8, 4712]}");
      browser.await("4712");
      browser.assertNothingRefused();
    }
  }

  @Test
  void aJobIsSubmittedByTheKeyboardAlone() {
    show("workers");
    browser.press("n");
    browser.await("Submit a job");
    browser.awaitTrue("document.querySelector('.CodeMirror') !== null");
    tabTo("document.activeElement.name === 'name'");
    browser.press("by keys");
    tabTo(
        "document.activeElement.textContent.trim() === 'Submit' && document.activeElement.tagName === 'BUTTON'");
    browser.press(Keys.ENTER);
    browser.await("1,000 of 1,000");
    browser.await("by keys");
    browser.await("Succeeded");
  }

  @Test
  void faultsAreShownAtTheirFields() {
    show("submit");
    browser.await("Options");
    browser.type("input[name=workers]", "0");
    browser.click("Submit");
    browser.awaitTrue(
        "document.querySelector('input[name=workers]').getAttribute('aria-invalid') === 'true'");
    assertThat(browser.text("#fault-workers")).contains("1");
    assertThat(browser.run("return document.activeElement.name")).isEqualTo("workers");
  }

  @Test
  void numbersStayAsTheyWereWritten() {
    String numbers = "[12345678901234567891, -0.0, 1.0]";
    show("submit");
    browser.awaitTrue("document.querySelector('input[name=from][value=json]') !== null");
    browser.run("document.querySelector('input[name=from][value=json]').click()");
    browser.awaitTrue("document.querySelector('textarea[name=json]') !== null");
    write("json", numbers);
    browser.run(
        "window.sent = []; const original = fetch;"
            + "window.fetch = (to, options) => { sent.push(options.body); return original(to, options); };");
    browser.click("Submit");
    browser.await("3 of 3");
    browser.await("Succeeded");
    assertThat(browser.run("return sent.find(body => body?.includes('inputs'))").toString())
        .contains("\"inputs\":[12345678901234567891,-0.0,1.0]");
    assertThat(browser.text("main")).contains("12345678901234567891", "-0.0", "1.0");

    String id = browser.address().replaceAll(".*/jobs/([0-9a-f-]+).*", "$1");
    show("submit?from=" + id);
    browser.await("As that job was");
    assertThat(browser.run("return document.querySelector('textarea[name=json]').value"))
        .isEqualTo(numbers);
    browser.await("[12345678901234567891,-0.0,1.0]");
    browser.click("Python");
    browser.await("[12345678901234567891, -0.0, 1.0]");
  }

  @Test
  void optionsWithMembersStayAsTheyWere() {
    // The form has a field for the order, but none for the count; a field holds no object.
    String request =
        "{\"function\":\"gcd\",\"inputs\":[[1,2]],\"chunking\":{\"order\":\"reversed\",\"count\":2},"
            + "\"reduce\":{\"later\":1}}";
    String again =
        "JSON.stringify(module.toRequest(module.fromRequest(JSON.parse(arguments[0]))).request)";
    assertThat(Service.json(call("pages/form.js", again, request)))
        .isEqualTo(Service.json(request));
  }

  @Test
  void anIntegerThatTheBrowserWouldChangeIsRefusedInItsField() {
    show("submit");
    browser.type("input[name=seed]", "12345678901234567891");
    browser.click("Submit");
    browser.await("too many digits for this browser");
    assertThat(browser.run("return document.activeElement.name")).isEqualTo("seed");
  }

  @Test
  void aBrowserThatWouldChangeANumberRefusesIt() {
    show("submit");
    Object answers =
        browser.run(
            """
            const [texts] = arguments;
            const kept = JSON.rawJSON;
            JSON.rawJSON = undefined;
            const main = document.querySelector('script[type=module]').src;
            return import(main.replace('main.js', 'json.js?older')).then(
              ({parse, parseAnswer}) => texts.map((text) => [parse, parseAnswer].map((read) => {
                try {
                  return JSON.stringify(read(text));
                } catch (failure) {
                  return failure.name === 'SyntaxError' ? failure.name : failure.message;
                }
              }).join(' | '))).finally(() => (JSON.rawJSON = kept));
            """,
            List.of(
                "[12345678901234567891]",
                "{\"a\": -0.0}",
                "[1e400]",
                "[1.0]",
                "[1.50, 1e-5, 9007199254740991]",
                "\"1e400 \\\" 12345678901234567891\"",
                "[1"));
    String refused = "this browser would change the number %1$s; send it with curl";
    assertThat(answers)
        .isEqualTo(
            List.of(
                (refused + " | " + refused).formatted("12345678901234567891"),
                (refused + " | " + refused).formatted("-0.0"),
                (refused + " | " + refused).formatted("1e400"),
                refused.formatted("1.0") + " | [1]",
                "[1.5,0.00001,9007199254740991] | [1.5,0.00001,9007199254740991]",
                "\"1e400 \\\" 12345678901234567891\" | \"1e400 \\\" 12345678901234567891\"",
                "SyntaxError | SyntaxError"));
  }

  @Test
  void aCellThatIsNoNumberOfJsonIsAText() {
    String rows =
        call(
            "pages/form.js",
            "JSON.stringify(module.csvOf('a\\n1.5\\nInfinity\\nNaN\\n12345678901234567891\\n'))");
    assertThat(rows)
        .isEqualTo(
            "[{\"a\":1.5},{\"a\":\"Infinity\"},{\"a\":\"NaN\"},{\"a\":\"12345678901234567891\"}]");
  }

  @Test
  void theCodeOfACopiedProgramIsTheCodeOfTheJob() throws Exception {
    String code = "def f(x):\n  return '\\\\' + x  # \\''' '''\nimport os  # \"\"\" \\";
    String program =
        call(
            "pages/snippets.js",
            "module.python({name: '@code@', function: {runtime: 'python', code: arguments[0]}, inputs: [1]})",
            code);
    String job = program.replaceAll("(?s)request = .*", "print(json.dumps(job))");
    var python = new ProcessBuilder("python3", "-c", job).redirectErrorStream(true).start();
    try (var out = python.inputReader()) {
      assertThat(out.readAllAsString())
          .isEqualTo(
              "{\"name\": \"@code@\", \"function\": {\"runtime\": \"python\", \"code\": %s}, \"inputs\": [1]}\n"
                  .formatted(quote(code)));
    }
  }

  @Test
  void aFileMayHaveAnyNameInTheLineThatSendsIt() throws Exception {
    String line =
        call(
            "pages/snippets.js",
            "module.upload({name: \"it's\\n\"}, arguments[0])",
            "-it's; echo $(id)");
    String before =
        "curl() { cat; }; cat() { if [ $# -gt 0 ]; then echo \"$*\"; else command cat; fi; }\n";
    var shell = new ProcessBuilder("sh", "-c", before + line).redirectErrorStream(true).start();
    try (var out = shell.inputReader()) {
      assertThat(out.readAllAsString()).isEqualTo("{\"name\":\"it's\\n\"}\n-- -it's; echo $(id)\n");
    }
  }

  @Test
  void failedItemsAreGroupedAndRetried() {
    String id =
        ended(
            "def f(x):\n  if x % 4 == 1: raise ValueError('no row %d' % x)\n  return 60 // (x % 13)",
            "{\"range\": {\"stop\": 40}}", "\"name\": \"rows\"");
    String rows = "✖ ERROR ValueError · 10 items · no row #";
    show("jobs/" + id + "/errors");
    browser.await("13 failed items in 2 groups");
    browser.click(rows);
    browser.click("See the first item");
    browser.await("no row 1");
    browser.click("Close");
    show("jobs/" + id + "/errors");
    browser.click(rows);
    browser.click("Retry these…");
    browser.await("Other failed items are not run again");
    browser.click("Retry 10 items");
    browser.await("10 of 10");
    browser.await("retry of another job");
  }

  @Test
  void aRunningJobIsWatchedPausedAndCancelled() {
    String id =
        submit("import time\ndef f(x): time.sleep(0.05)", "{\"range\": {\"stop\": 100000}}");
    show("jobs");
    browser.awaitTrue(
        "Number(document.querySelector('main tbody [role=progressbar]')?.getAttribute('aria-valuenow')) >= 0"
            + " && /[1-9]/.test(document.querySelector('main tbody td.bars')?.innerText.split('/')[0])");
    show("jobs/" + id);
    browser.click("‖ Pause");
    browser.await("Paused");
    browser.click("▶ Go on");
    browser.awaitTrue("!document.querySelector('.s-PAUSED')");
    browser.click("Cancel…");
    browser.await("This cannot be undone");
    browser.click("Cancel the job");
    browser.await("Cancelled");
    assertThat(get("jobs/" + id).get("state").stringValue()).isEqualTo("CANCELLED");
  }

  @Test
  void aJobThatEndsWhileItsPageIsLoadedIsShownAsEnded() {
    String id = submit(SQUARE, "[1]", "\"paused\": true");
    show("workers");
    // The first answer about the job is held back until the page has the event of the end.
    browser.run(
        """
        const [id] = arguments;
        const original = fetch;
        return import(document.querySelector('script[type=module]').src.replace('main.js', 'live.js'))
          .then(({listen}) => {
            const end = new Promise((done) =>
              listen((type, data) => type === 'job' && data.id === id && data.finishedAt && done()));
            window.fetch = async (to, options) => {
              const answer = await original(to, options);
              if (!window.isHeld && String(to).endsWith('/jobs/' + id)) {
                window.isHeld = true;
                await end;
              }
              return answer;
            };
            location.hash = '#/jobs/' + id;
          });
        """,
        id);
    browser.awaitTrue("window.isHeld === true");
    get("jobs/" + id + "/cancel", "");
    browser.await("■ Cancelled");
  }

  @Test
  void jobsThatMatchAreDeletedTogether() {
    for (int i = 0; i < 3; i++) {
      ended(SQUARE, "[1]", "\"labels\": {\"to\": \"go\"}");
    }
    show("jobs?label=to:go");
    browser.await("All that match");
    browser.click("Delete…");
    browser.await("Delete 3 jobs?");
    browser.click("Delete 3 jobs");
    browser.await("No job matches");
    assertThat(get("jobs?label=to:go").get("jobs")).isEmpty();
  }

  // ---- large jobs

  @Test
  void theTimelineOfManyChunksIsZoomedByKeysWithoutAStall() {
    String id = ended(SQUARE, "{\"range\": {\"stop\": 20000}}", "\"chunking\": {\"size\": 1}");
    show("jobs/" + id + "/timeline");
    browser.await("neighbouring chunks are drawn as one");
    browser.run("document.querySelector('.lanes canvas').focus()");
    browser.noteFrames();
    String before = browser.text("#window");
    for (int i = 0; i < 6; i++) {
      browser.press("+");
    }
    browser.awaitTrue("!document.querySelector('#window').innerText.includes('drawn as one')");
    assertThat(browser.text("#window")).isNotEqualTo(before);
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    browser.await("open the first item");
    browser.assertSmooth();
    browser.press(Keys.ENTER);
    browser.await("Where it ran");
  }

  @Test
  void aMillionItemsAreScrolledFilteredAndFoundWithoutAStall() {
    String id = ended(SQUARE, "{\"range\": {\"stop\": 1000000}}");
    show("jobs/" + id + "/items");
    browser.await("1,000,000 of 1,000,000");
    awaitRows(100);
    browser.noteFrames();
    for (int rows = 200; rows <= 500; rows += 100) {
      browser.click("More");
      awaitRows(rows);
      browser.scroll(20_000);
    }
    browser.awaitTrue("scrollY > 5000");
    browser.scroll(-20_000);
    browser.click("failed 0");
    browser.await("No such items");
    browser.click("succeeded 1,000,000");
    awaitRows(100);
    browser.type("input[name=index]", "999999", Keys.ENTER);
    browser.await("999998000001");
    browser.assertSmooth();
  }

  @Test
  void tenThousandJobsAreScrolledAndFilteredWithoutAStall() throws Exception {
    try (var many = Service.start(Service.newDirectory())) {
      submitMany(many, 10_000);
      open(many, "jobs");
      awaitRows(100);
      browser.noteFrames();
      browser.click("Show older jobs");
      awaitRows(200);
      browser.scroll(20_000);
      browser.click("Show older jobs");
      awaitRows(300);
      browser.scroll(20_000);
      browser.awaitTrue("scrollY > 3000");
      browser.scroll(-40_000);
      browser.awaitTrue("scrollY === 0");
      browser.type("input[type=search]", "number 7777");
      awaitRows(1);
      browser.run("document.querySelector('input[type=search]').select()");
      browser.press(Keys.DELETE);
      awaitRows(100);
      browser.click("▶ Running 0");
      browser.await("No job matches");
      browser.assertSmooth();
    }
  }

  // ---- safety

  @Test
  void hostileTextsStayTexts() {
    String id =
        ended(
            "def f(x):\n  print(x)\n  if x: raise ValueError(x)\n  return x",
            "[%s, \"\"]".formatted(quote(HOSTILE)),
            "\"name\": %1$s, \"description\": %1$s, \"labels\": {%1$s: %1$s}"
                .formatted(quote(HOSTILE)));
    for (String tab : List.of("", "/items?item=0", "/errors", "/log", "/code")) {
      show("jobs/" + id + tab);
      browser.await(HOSTILE);
    }
    show("submit?from=" + id);
    browser.await("As that job was");
    browser.assertNothingRefused();
    show("jobs");
    browser.await(HOSTILE);
    assertThat(
            browser.run(
                "return document.querySelectorAll('main img, main svg, main script').length"))
        .isEqualTo(0L);
  }

  @Test
  void aPageNeedsLittleAndNoOtherOrigin() {
    show("jobs");
    browser.awaitTrue("document.querySelector('main h1') !== null");
    Object bytes =
        browser.run(
            "return performance.getEntriesByType('resource').filter(e => e.name.endsWith('.js'))"
                + ".reduce((sum, e) => sum + e.encodedBodySize, 0)");
    assertThat(((Number) bytes).intValue()).isBetween(5_000, MOST_SCRIPT_BYTES);
    assertThat(
            browser.run(
                "return performance.getEntriesByType('resource').filter(e => !e.name.startsWith(location.origin)).length"))
        .isEqualTo(0L);
  }

  @Test
  void filesAreKeptByBrowsersAndGuarded() {
    var page = service.send(service.request("/"));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'none'", "frame-ancestors 'none'");
    assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
    String tag = page.header("ETag");
    assertThat(service.send(service.request("/").header("If-None-Match", tag)).status())
        .isEqualTo(304);
    String version = tag.replaceAll("^W/\"|\"$", "");
    var script = service.send(service.request("/console/" + version + "/main.js"));
    assertThat(script.header("Cache-Control")).contains("immutable");
    assertThat(script.header("Content-Type")).startsWith("text/javascript");
    for (String none :
        List.of(
            "0000000000000000/main.js",
            version + "/index.html",
            version + "/../application.yaml",
            version + "/lib/lit-html/package.json",
            version + "/%2e%2e/openapi.yaml")) {
      assertThat(service.send(service.request("/console/" + none)).status())
          .as(none)
          .isIn(400, 401, 404);
    }
    assertThat(service.send(service.request("/api/v1/jobs")).status()).isEqualTo(401);
  }

  // ---- for everybody

  @Test
  void axeFindsNothingOnAnyPage() {
    String failed =
        ended(
            "def f(x):\n  print('item', x)\n  return 60 // (x % 50)",
            "{\"range\": {\"stop\": 100}}",
            "\"name\": \"quotients\", \"labels\": {\"team\": \"x\"}");
    String compared =
        get(
                "comparisons?wait=60",
                "{\"job\": {\"function\": \"gcd\", \"inputs\": [[12, 18]]}, \"rounds\": 1}")
            .get("id")
            .stringValue();
    var pages =
        new ArrayList<>(
            List.of(
                "jobs",
                "submit?example=2",
                "functions",
                "functions/gcd",
                "workers",
                "comparisons",
                "comparisons/" + compared,
                "service"));
    for (String tab :
        List.of(
            "",
            "/items",
            "/items?item=0",
            "/errors",
            "/timeline",
            "/report",
            "/log",
            "/code",
            "/callback")) {
      pages.add("jobs/" + failed + tab);
    }
    boolean isDark = false;
    for (String page : pages) {
      show(page);
      browser.awaitTrue(
          "document.querySelector('main h1, main h2') !== null && !document.querySelector('main').innerText.includes('Loading…')");
      for (int width : List.of(400, 1280, 2560)) {
        // The schemes take turns: what depends on both is rare, and each look costs a while.
        isDark = !isDark;
        browser.look(width, isDark ? "dark" : "light");
        assertThat(browser.faultsForPeople()).as("%s, %d px, %s", page, width, isDark).isEmpty();
        assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth"))
            .as("%s fits into %d px", page, width)
            .isEqualTo(true);
      }
    }
  }

  // ---- the connection

  @Test
  void aRestartOfTheServiceIsSurvivedAndReported() throws Exception {
    String id =
        submit(
            "import time\ndef f(x):\n  print('item', x)\n  time.sleep(0.02)",
            "{\"range\": {\"stop\": 100000}}");
    show("jobs/" + id + "/log");
    browser.await("Running");
    awaitMoreLines();
    browser.run(
        "window.asked = 0; const original = fetch;"
            + "window.fetch = (to, options) => { asked += /[/]log/.test(to); return original(to, options); };");
    awaitMoreLines();
    assertThat(browser.run("return asked")).as("the log is followed").isEqualTo(0L);

    service.killMinus9();
    browser.await("Not connected since");
    service = service.again();
    browser.run("document.querySelector('.connection button')?.click()");
    browser.await("The service was restarted");
    browser.awaitTrue("!document.querySelector('.connection')");
    browser.await("Running");
    awaitMoreLines();

    browser.click("Overview");
    var metrics =
        service.request("/actuator/prometheus").header("Authorization", "Bearer " + TOKEN);
    Awaitility.await("the stream of the log ends")
        .atMost(Duration.ofSeconds(30))
        .until(() -> service.send(metrics).body().contains("manyhands_streams{kind=\"logs\"} 0.0"));
    browser.click("Cancel…");
    browser.click("Cancel the job");
    browser.await("Cancelled");
  }

  // ---- the service, as a client sees it

  /** Opens a page of the console as a link from elsewhere does. */
  private void show(String page) {
    open(service, page);
  }

  private void open(Service opened, String page) {
    browser.load("about:blank");
    browser.load(opened.uri("/").toString() + "#/" + page);
    browser.awaitTrue("document.querySelector('main') !== null");
  }

  /** Waits until lines were added to the log that the page shows. */
  private void awaitMoreLines() {
    browser.awaitTrue("document.querySelector('.log div') !== null");
    String last = "document.querySelector('.log div:last-child')?.innerText";
    browser.run("window.lastLine = " + last);
    browser.awaitTrue("![undefined, lastLine].includes(%s)".formatted(last));
  }

  /** Returns the text that an expression with a module of the console gives. */
  private String call(String module, String expression, Object... arguments) {
    show("submit");
    return (String)
        browser.run(
            "return import(document.querySelector('script[type=module]').src.replace('main.js', '%s'))"
                    .formatted(module)
                + ".then((module) => %s)".formatted(expression),
            arguments);
  }

  private void write(String field, String text) {
    browser.run(
        "const field = document.querySelector(`[name=${arguments[0]}]`); field.value = arguments[1];"
            + "field.dispatchEvent(new Event('input', {bubbles: true}))",
        field,
        text);
  }

  private void awaitRows(int number) {
    browser.awaitTrue("document.querySelectorAll('main tbody tr').length === " + number);
  }

  private void tabTo(String condition) {
    for (int i = 0; i < 80; i++) {
      browser.press(Keys.TAB);
      if (Boolean.TRUE.equals(browser.run("return " + condition))) {
        return;
      }
    }
    throw new AssertionError("no Tab leads to " + condition);
  }

  /** Submits jobs that do not run, some at a time. */
  private static void submitMany(Service to, int number) throws Exception {
    var permits = new Semaphore(32);
    for (int i = 0; i < number; i++) {
      String job =
          "{\"name\": \"number %d\", \"function\": \"gcd\", \"inputs\": [[1, 2]], \"paused\": true}"
              .formatted(i);
      permits.acquire();
      var request =
          to.request("/api/v1/jobs")
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(job))
              .build();
      HTTP.sendAsync(request, BodyHandlers.discarding()).whenComplete((_, _) -> permits.release());
    }
    permits.acquire(32);
    assertThat(
            to.get("/api/v1/jobs?limit=1&counts=true")
                .json()
                .at("/counts/byState/QUEUED")
                .intValue())
        .isPositive();
  }

  private String submit(String code, String inputs, String... more) {
    return get("jobs", Service.python(code, inputs, more)).get("id").stringValue();
  }

  private String ended(String code, String inputs, String... more) {
    String id = submit(code, inputs, more);
    assertThat(get("jobs/" + id + "?wait=100").get("finishedAt").isNull()).isFalse();
    return id;
  }

  private JsonNode get(String path, String... body) {
    var request = service.request("/api/v1/" + path).header("Authorization", "Bearer " + TOKEN);
    if (body.length > 0) {
      request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body[0]));
    }
    return service.send(request).json();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
