@NullMarked
package io.waystation.broker.net;

import org.jspecify.annotations.NullMarked;
