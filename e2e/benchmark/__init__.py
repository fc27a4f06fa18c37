"""The benchmark: this broker beside nsqd and Kafka, in one run; see README.md."""
