/// The discovery daemon: which broker has which topic.
@NullMarked
package io.waystation.lookup;

import org.jspecify.annotations.NullMarked;
