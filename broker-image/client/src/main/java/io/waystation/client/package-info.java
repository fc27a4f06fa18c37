/// NSQ's protocol from the client's side: producer, consumer, lookup polling, HTTP calls.
@NullMarked
package io.waystation.client;

import org.jspecify.annotations.NullMarked;
