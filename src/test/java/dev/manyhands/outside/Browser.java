package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;

/**
 * Chromium with one page, as a person uses it. Each page that is loaded notes what its content
 * policy refused and each dialog that a script opened.
 */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String AXE =
      "/META-INF/resources/webjars/axe-core/%s/axe.min.js".formatted(versionOfAxe());

  /** Runs before the scripts of each page. */
  private static final String NOTES =
      """
      window.refused = [];
      addEventListener('securitypolicyviolation',
          e => refused.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
      window.alert = text => refused.push('alert ' + text);
      """;

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts a browser; the test is skipped where there is none. */
  static Browser start() {
    assumeTrue(
        Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
        "SKIPPED, AND THE CONSOLE IS NOT TESTED: there is no chromium with chromium-driver");
    var options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900");
    File driver = DRIVER.toFile();
    var service =
        new ChromeDriverService.Builder().usingDriverExecutable(driver).usingAnyFreePort().build();
    var browser = new Browser(new ChromeDriver(service, options));
    browser.command("Page.addScriptToEvaluateOnNewDocument", Map.of("source", NOTES));
    return browser;
  }

  @Override
  public void close() {
    driver.quit();
  }

  void command(String name, Map<String, Object> parameters) {
    driver.executeCdpCommand(name, parameters);
  }

  void load(String address) {
    driver.get(address);
  }

  String address() {
    return driver.getCurrentUrl();
  }

  /** Sets the size of the window and the colour scheme that the user prefers. */
  void look(int width, String scheme) {
    command(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    command(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  String text(String css) {
    Object text = run("return document.querySelector(arguments[0])?.innerText ?? ''", css);
    return (String) text;
  }

  /** Waits until the page has this text. */
  void await(String text) {
    Awaitility.await(text)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(text("body")).contains(text));
  }

  /** Waits until the script returns true. */
  void awaitTrue(String script) {
    Awaitility.await(script)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> Boolean.TRUE.equals(run("return " + script)));
  }

  /** Clicks the button or link that is named so, once it is there; what covers it would get it. */
  void click(String name) {
    Awaitility.await("click on " + name)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> {
          find(name).click();
          return true;
        });
  }

  private WebElement find(String name) {
    String here =
        "//*[self::button or self::a or self::summary][normalize-space(.)='%1$s' or @aria-label='%1$s']"
            .formatted(name);
    for (String place : List.of("//dialog", "//main", "")) {
      List<WebElement> found = driver.findElements(By.xpath(place + here));
      if (!found.isEmpty()) {
        return found.getFirst();
      }
    }
    throw new NoSuchElementException(name);
  }

  void type(String css, CharSequence... keys) {
    awaitTrue("document.querySelector('" + css + "') !== null");
    driver.findElement(By.cssSelector(css)).sendKeys(keys);
  }

  /** Presses keys where the focus is. */
  void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** Begins to note how long the frames of this page take. */
  void noteFrames() {
    run(
        "window.frames_ = []; let last = performance.now();"
            + "(function frame(now) { frames_.push(now - last); last = now; requestAnimationFrame(frame); })(last)");
  }

  /** Checks that no person noticed a stall since {@link #noteFrames}. */
  void assertSmooth() {
    var frames =
        ((List<?>) run("return frames_")).stream().map(it -> ((Number) it).doubleValue()).toList();
    var sorted = frames.stream().sorted().toList();
    assertThat(sorted.get(sorted.size() / 2)).as("median of " + frames).isLessThan(100);
    assertThat(sorted.getLast()).as("longest of " + frames).isLessThan(1_000);
  }

  /** Turns the wheel of the mouse over the page. */
  void scroll(int pixels) {
    new Actions(driver).scrollByAmount(0, pixels).perform();
  }

  void assertNothingRefused() {
    assertThat((List<?>) run("return window.refused")).isEmpty();
  }

  /** Returns the faults that axe-core finds, none for a page that all can use. */
  List<?> faultsForPeople() {
    if (!Boolean.TRUE.equals(run("return Boolean(window.axe)"))) {
      driver.executeScript(axe());
    }
    return (List<?>)
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(result => done(result.violations
                .map(v => v.id + ' ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join('; '))));
            """);
  }

  private static String axe() {
    try (InputStream in = Browser.class.getResourceAsStream(AXE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String versionOfAxe() {
    var record = new java.util.Properties();
    String place = "/META-INF/maven/org.webjars.npm/axe-core/pom.properties";
    try (InputStream in = Browser.class.getResourceAsStream(place)) {
      record.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return record.getProperty("version");
  }
}
