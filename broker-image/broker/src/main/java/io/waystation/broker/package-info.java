/// The daemon that stores and delivers messages.
@NullMarked
package io.waystation.broker;

import org.jspecify.annotations.NullMarked;
