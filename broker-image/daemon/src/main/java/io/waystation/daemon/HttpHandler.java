package io.waystation.daemon;

import java.io.IOException;

/// Answers requests, each on a virtual thread of its own, so it may block.
@FunctionalInterface
public interface HttpHandler {
    HttpReply handle(HttpRequest request) throws IOException;
}
