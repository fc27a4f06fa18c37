"""Publishes numbered messages with pynsq, reads them back through a lookup and counts them.

counted.py TOPIC COUNT NSQD:4150 LOOKUP:4161 [OPTIONS]

OPTIONS is a JSON object of pynsq's own connection options.
"""

import json
import sys

import nsq
import tornado.ioloop

topic, count, nsqd, lookup = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
options = json.loads(sys.argv[5]) if len(sys.argv) > 5 else {}
loop = tornado.ioloop.IOLoop.current()
seen = set()
acknowledged = 0


def on_publish(conn, data):
    global acknowledged
    if isinstance(data, nsq.Error):
        sys.exit("publish failed: %s" % data)
    acknowledged += 1
    if acknowledged == count:
        print("acknowledged %d" % acknowledged)
        nsq.Reader(
            topic=topic,
            channel="pynsq",
            message_handler=on_message,
            lookupd_http_addresses=["http://" + lookup],
            lookupd_poll_interval=1,
            max_in_flight=50,
            **options,
        )


def on_message(message):
    seen.add(message.body)
    if len(seen) == count:
        loop.call_later(0.5, finish)
    return True


def finish():
    print("distinct %d" % len(seen))
    loop.stop()


def publish():
    if not writer.conns:
        loop.call_later(0.1, publish)
        return
    for i in range(count):
        writer.pub(topic, b"%d" % i, on_publish)


writer = nsq.Writer([nsqd], **options)
loop.call_later(0, publish)
loop.call_later(60, sys.exit, "not done after 60 s")
loop.start()
