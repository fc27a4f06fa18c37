"""What a workload cost a daemon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Burst:
    """One stretch of load: what the client saw and what it cost the server."""

    rate: float  # messages a second, as the client counted them
    messages: int  # as the server counted them
    user_s: float
    kernel_s: float
    peak_rss_mb: float


class Meter:
    """Processor time and peak memory of a daemon from here on."""

    def __init__(self, daemon):
        self.daemon = daemon
        daemon.reset_peak_rss()
        self.user_s, self.kernel_s = daemon.cpu_seconds()

    def burst(self, rate, messages):
        user_s, kernel_s = self.daemon.cpu_seconds()
        return Burst(rate, messages, user_s - self.user_s, kernel_s - self.kernel_s, self.daemon.peak_rss_mb())


def cost_figures(name, bursts):
    """Processor time per message, split, and peak memory over all bursts of a workload."""
    messages = max(sum(burst.messages for burst in bursts), 1)
    user_us = sum(burst.user_s for burst in bursts) * 1e6 / messages
    kernel_us = sum(burst.kernel_s for burst in bursts) * 1e6 / messages
    return {
        name + ".cpu_us": user_us + kernel_us,
        name + ".cpu_user_us": user_us,
        name + ".cpu_kernel_us": kernel_us,
        name + ".peak_rss_mb": max(burst.peak_rss_mb for burst in bursts),
    }


def figures(name, bursts):
    """The figures of a workload that ran in bursts of the same length."""
    rate = sum(burst.rate for burst in bursts) / len(bursts)
    return {name + ".rate": rate, **cost_figures(name, bursts)}
