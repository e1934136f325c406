/**
 * Checks JSON and cuts it into values without parsing it into objects, so that inputs and results
 * pass through the service byte for byte. May use nothing but the JDK. Start with {@link
 * dev.manyhands.model.json.JsonScanner} and {@link dev.manyhands.model.json.JoinedValues}.
 */
@NullMarked
package dev.manyhands.model.json;

import org.jspecify.annotations.NullMarked;
