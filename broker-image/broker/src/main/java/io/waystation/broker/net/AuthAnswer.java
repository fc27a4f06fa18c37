package io.waystation.broker.net;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import io.waystation.broker.auth.Authorizations;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import java.io.IOException;
import java.io.StringWriter;

/// The JSON that a successful AUTH is answered with.
final class AuthAnswer {
    private static final JsonFactory JSON =
            new JsonFactoryBuilder().characterEscapes(new GoEscapes()).build();

    private AuthAnswer() {}

    static String of(Authorizations granted) throws ProtocolException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("identity", granted.identity());
            json.writeStringField("identity_url", granted.identityUrl());
            json.writeNumberField("permission_count", granted.count());
            json.writeEndObject();
        } catch (IOException unwritable) {
            throw new ProtocolException(ProtocolError.E_AUTH_ERROR, "AUTH error " + unwritable.getMessage());
        }
        return text.toString();
    }
}
