package io.waystation.lookup;

/// How much a lookup keeps. What would go beyond is refused; nothing that is registered is lost for it.
///
/// @param names topics and channels, with and without producers
/// @param registrations of all producers, for topics and channels
/// @param perProducer registrations of one producer, so that none of them can use up what is there for all
record RegistrationLimits(int names, int registrations, int perProducer) {
    static RegistrationLimits defaults() {
        return new RegistrationLimits(200_000, 500_000, 50_000);
    }
}
