package dev.manyhands;

import dev.manyhands.app.DoctorCommand;
import dev.manyhands.app.PreparedBeans;
import dev.manyhands.app.install.InstallCommand;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * The entry point of the service and of its commands: {@code doctor} checks what the service needs,
 * {@code install} and {@code train} prepare fast starts. Beans are looked for only in the two
 * packages that have any. Reading all classes of the other packages would take a twentieth of the
 * start.
 */
@SpringBootApplication(scanBasePackages = {"dev.manyhands.app", "dev.manyhands.http"})
@ConfigurationPropertiesScan("dev.manyhands.app")
public class Manyhands {
  public static void main(String[] args) {
    if (DoctorCommand.isAskedFor(args)) {
      System.exit(DoctorCommand.run(args, System.out));
    }
    if (InstallCommand.isAskedFor(args)) {
      System.exit(InstallCommand.run(args, System.out, System.err));
    }
    for (String argument : args) {
      if (!argument.startsWith("-")) {
        System.err.println(
            "unknown argument '"
                + argument
                + "': the commands are 'doctor', 'install' and 'train', as the first argument,"
                + " and a setting is --name=value");
        System.exit(2);
      }
    }
    var service = new SpringApplication(Manyhands.class);
    service.addListeners(new PreparedBeans(Manyhands.class));
    service.run(args);
  }
}
