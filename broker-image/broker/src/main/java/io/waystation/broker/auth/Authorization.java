package io.waystation.broker.auth;

import com.google.re2j.Pattern;
import java.util.List;

/// One entry of an auth server's answer. Its patterns are in Go's dialect, which RE2 has, and match anywhere in a name
/// unless they are anchored. Immutable.
record Authorization(Pattern topic, List<Pattern> channels, boolean subscribe, boolean publish) {

    boolean maySubscribe(String topicName, String channelName) {
        return subscribe && allows(topicName, channelName);
    }

    /// A publisher names no channel, and NSQ matches the empty name then.
    boolean mayPublish(String topicName) {
        return publish && allows(topicName, "");
    }

    private boolean allows(String topicName, String channelName) {
        if (!topic.matcher(topicName).find()) {
            return false;
        }
        for (var channel : channels) {
            if (channel.matcher(channelName).find()) {
                return true;
            }
        }
        return false;
    }
}
