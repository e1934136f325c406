package dev.manyhands;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobSpecBuilder;
import dev.manyhands.job.JobStatus;
import dev.manyhands.job.JobStatusBuilder;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.stereotype.Component;

/** The arrows between packages point down only, as ARCHITECTURE.md draws them. */
class ArchitectureTest {
  private static final String ROOT = "dev.manyhands.";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // What an earlier build has generated.
          .withImportOption(location -> !location.contains("__"))
          .importPackages("dev.manyhands");

  @Test
  void eachPackageIsUsedOnlyByThoseAboveIt() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.manyhands..")
        .layer("main")
        .definedBy("dev.manyhands")
        .layer("config")
        .definedBy(ROOT + "config..")
        .layer("api")
        .definedBy(ROOT + "api..")
        .layer("metrics")
        .definedBy(ROOT + "metrics..")
        .layer("security")
        .definedBy(ROOT + "security..")
        .layer("tracing")
        .definedBy(ROOT + "tracing..")
        .layer("logs")
        .definedBy(ROOT + "logs..")
        .layer("flow")
        .definedBy(ROOT + "flow..")
        .layer("callback")
        .definedBy(ROOT + "callback..")
        .layer("scheduler")
        .definedBy(ROOT + "scheduler..")
        .layer("memo")
        .definedBy(ROOT + "memo..")
        .layer("worker")
        .definedBy(ROOT + "worker..")
        .layer("function")
        .definedBy(ROOT + "function..")
        .layer("timeline")
        .definedBy(ROOT + "timeline..")
        .layer("store")
        .definedBy(ROOT + "store..")
        .layer("comparison")
        .definedBy(ROOT + "comparison..")
        .layer("job")
        .definedBy(ROOT + "job..")
        .layer("combine")
        .definedBy(ROOT + "combine..")
        .layer("json")
        .definedBy(ROOT + "json..")
        .whereLayer("config")
        .mayOnlyBeAccessedByLayers("main")
        .whereLayer("api")
        .mayOnlyBeAccessedByLayers("config")
        .whereLayer("metrics")
        .mayOnlyBeAccessedByLayers("config", "api")
        .whereLayer("security")
        .mayOnlyBeAccessedByLayers("config", "api")
        .whereLayer("tracing")
        .mayOnlyBeAccessedByLayers("config", "api", "security")
        .whereLayer("logs")
        .mayOnlyBeAccessedByLayers("config", "api")
        .whereLayer("flow")
        .mayOnlyBeAccessedByLayers("config", "api")
        .whereLayer("callback")
        .mayOnlyBeAccessedByLayers("config", "api")
        .whereLayer("scheduler")
        .mayOnlyBeAccessedByLayers("config", "api", "metrics", "flow", "tracing")
        .whereLayer("memo")
        .mayOnlyBeAccessedByLayers("config", "metrics", "scheduler")
        .whereLayer("worker")
        .mayOnlyBeAccessedByLayers("config", "api", "metrics", "logs", "scheduler", "memo")
        .whereLayer("function")
        .mayOnlyBeAccessedByLayers("config", "api", "worker")
        .whereLayer("timeline")
        .mayOnlyBeAccessedByLayers("config", "api")
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers(
            "config",
            "api",
            "metrics",
            "tracing",
            "flow",
            "callback",
            "scheduler",
            "worker",
            "function",
            "timeline",
            "memo")
        .whereLayer("comparison")
        .mayOnlyBeAccessedByLayers("api", "store")
        .check(CLASSES);
  }

  /** A new job option is then no parameter of any other class. */
  @Test
  void onlyBuildersCallTheConstructorsOfSpecsAndStatuses() {
    onlyTheBuilderCreates(JobSpec.class, JobSpecBuilder.class);
    onlyTheBuilderCreates(JobStatus.class, JobStatusBuilder.class);
  }

  private static void onlyTheBuilderCreates(Class<?> built, Class<?> builder) {
    noClasses()
        .that()
        .doNotBelongToAnyOf(built, builder)
        .should()
        .callConstructorWhere(target(owner(type(built))))
        .check(new ClassFileImporter().importPackages("dev.manyhands"));
  }

  @Test
  void callbacksKnowOnlyJobsAndTheirStore() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "callback..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "scheduler..", ROOT + "worker..", ROOT + "function..", ROOT + "metrics..")
        .check(CLASSES);
  }

  @Test
  void theMiddleKnowsNoFramework() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "flow..",
            ROOT + "callback..",
            ROOT + "scheduler..",
            ROOT + "logs..",
            ROOT + "memo..",
            ROOT + "worker..",
            ROOT + "function..",
            ROOT + "comparison..",
            ROOT + "job..",
            ROOT + "combine..",
            ROOT + "json..",
            ROOT + "support..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "jakarta..",
            "java.sql..",
            "io.micrometer..",
            "io.opentelemetry..")
        .check(CLASSES);
  }

  /** Elsewhere nobody would find them. */
  @Test
  void beansAreWhereTheServiceLooksForThem() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.manyhands", ROOT + "api..", ROOT + "config..")
        .should()
        .beMetaAnnotatedWith(Component.class)
        .orShould()
        .beAnnotatedWith(ConfigurationProperties.class)
        .check(CLASSES);
  }

  @Test
  void theDomainDependsOnNothing() {
    classes()
        .that()
        .resideInAnyPackage(
            ROOT + "job..",
            ROOT + "json..",
            ROOT + "combine..",
            ROOT + "comparison..",
            ROOT + "support..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "java..",
                "org.jspecify..",
                ROOT + "job..",
                ROOT + "json..",
                ROOT + "combine..",
                ROOT + "comparison..",
                ROOT + "support.."))
        .check(CLASSES);
  }

  @Test
  void theSmallThingsKnowNothingOfTheService() {
    classes()
        .that()
        .resideInAPackage(ROOT + "support..")
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage("java..", "org.jspecify..", ROOT + "support.."))
        .check(CLASSES);
  }

  @Test
  void whatRunsInAWorkerKnowsNothingOfTheService() {
    classes()
        .that()
        .resideInAnyPackage(ROOT + "harness..", ROOT + "sdk..", ROOT + "combine..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "java..", "org.jspecify..", ROOT + "harness..", ROOT + "sdk..", ROOT + "combine.."))
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "harness..", ROOT + "sdk..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "harness..", ROOT + "sdk..")
        .check(CLASSES);
  }

  @Test
  void noPackagesFormACycle() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
