/// NSQ's command-line tools, a class each. A tool is a body between a [Terminal] and brokers; [Tool] makes a
/// process of it.
@NullMarked
package io.waystation.tools;

import org.jspecify.annotations.NullMarked;
