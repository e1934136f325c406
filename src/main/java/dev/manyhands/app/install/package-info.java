/**
 * Installs the service into a directory, from which it starts fast: the jar unpacked, with an AOT
 * cache that a training run has made. May use every room below {@code app}. Start with {@link
 * dev.manyhands.app.install.InstallCommand}.
 */
@NullMarked
package dev.manyhands.app.install;

import org.jspecify.annotations.NullMarked;
