package dev.manyhands.outside;

import dev.manyhands.support.TemporaryDirectories;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * A picture as librsvg draws it: the library of many desktops, document tools and chat programs. It
 * knows less of CSS than browsers.
 */
record DrawnPicture(BufferedImage image) {

  static DrawnPicture of(String svg) throws IOException, InterruptedException {
    Path directory = TemporaryDirectories.make("manyhands-picture");
    Path source = Files.writeString(directory.resolve("picture.svg"), svg);
    Path png = directory.resolve("picture.png");
    var process =
        new ProcessBuilder("rsvg-convert", "--output", png.toString(), source.toString())
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new AssertionError("librsvg refuses the picture: " + svg);
    }
    return new DrawnPicture(ImageIO.read(png.toFile()));
  }

  /** Returns the share of points that have this colour. */
  double share(int rgb) {
    int width = image.getWidth();
    long points = (long) width * image.getHeight();
    return IntStream.range(0, image.getHeight())
            .mapToLong(y ->
                IntStream.range(0, width)
                    .filter(x -> (image.getRGB(x, y) & 0xFFFFFF) == rgb)
                    .count())
            .sum()
        / (double) points;
  }
}
