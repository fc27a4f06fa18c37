/// NSQ's command-line tools, a class each.
@NullMarked
package io.waystation.tools;

import org.jspecify.annotations.NullMarked;
