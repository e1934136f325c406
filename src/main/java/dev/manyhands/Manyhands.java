package dev.manyhands;

import dev.manyhands.config.DoctorCommand;
import dev.manyhands.config.PreparedBeans;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * The service's entry point; with the argument {@code doctor}, that of a look at what it needs.
 * Beans are looked for in the two rooms that have any: to read all classes of the others takes a
 * twentieth of the start.
 */
@SpringBootApplication(scanBasePackages = {"dev.manyhands.api", "dev.manyhands.config"})
@ConfigurationPropertiesScan("dev.manyhands.config")
public class Manyhands {
  public static void main(String[] args) {
    if (DoctorCommand.isAskedFor(args)) {
      System.exit(DoctorCommand.run(args, System.out));
    }
    for (String argument : args) {
      if (!argument.startsWith("-")) {
        System.err.println(
            "unknown argument '"
                + argument
                + "': the one command is 'doctor', as the first argument, and a setting is --name=value");
        System.exit(2);
      }
    }
    var service = new SpringApplication(Manyhands.class);
    service.addListeners(new PreparedBeans(Manyhands.class));
    service.run(args);
  }
}
