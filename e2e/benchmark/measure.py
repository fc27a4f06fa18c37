"""What a workload cost a daemon."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Burst:
    """One stretch of load: what the client saw and what it cost the server."""

    rate: float  # messages a second, as the client counted them
    messages: int  # as the server counted them
    user_s: float
    kernel_s: float
    clients_s: float  # the processor time of the clients that made the load
    peak_rss_mb: float


def ended_children_s():
    """The processor time of this process's children that have ended: of clients; the daemons outlast what is measured."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Meter:
    """Processor time and peak memory of a daemon, and the processor time of clients that start and end, from here on."""

    def __init__(self, daemon):
        self.daemon = daemon
        daemon.reset_peak_rss()
        self.clients_s = ended_children_s()
        self.user_s, self.kernel_s = daemon.cpu_seconds()

    def burst(self, rate, messages):
        user_s, kernel_s = self.daemon.cpu_seconds()
        clients_s = ended_children_s() - self.clients_s
        return Burst(rate, messages, user_s - self.user_s, kernel_s - self.kernel_s, clients_s, self.daemon.peak_rss_mb())


def cost_figures(name, bursts):
    """Processor time per message, of the server and of the clients, and the server's peak memory over a workload's bursts."""
    messages = max(sum(burst.messages for burst in bursts), 1)
    user_us = sum(burst.user_s for burst in bursts) * 1e6 / messages
    kernel_us = sum(burst.kernel_s for burst in bursts) * 1e6 / messages
    return {
        name + ".cpu_us": user_us + kernel_us,
        name + ".cpu_user_us": user_us,
        name + ".cpu_kernel_us": kernel_us,
        name + ".client_cpu_us": sum(burst.clients_s for burst in bursts) * 1e6 / messages,
        name + ".peak_rss_mb": max(burst.peak_rss_mb for burst in bursts),
    }


def figures(name, bursts):
    """The figures of a workload that ran in bursts of the same length."""
    rate = sum(burst.rate for burst in bursts) / len(bursts)
    return {name + ".rate": rate, **cost_figures(name, bursts)}
