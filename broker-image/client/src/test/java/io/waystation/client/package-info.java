/// Tests of the client against the real daemons in this process; [LiveBroker] and [LiveLookup] serve other
/// modules' tests too.
@NullMarked
package io.waystation.client;

import org.jspecify.annotations.NullMarked;
