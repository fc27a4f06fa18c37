// Publishes numbered messages with nsqjs, reads them back through a lookup and counts them.
//
//   node counted.js TOPIC COUNT NSQD:4150 LOOKUP:4161 [OPTIONS]
//
// OPTIONS is a JSON object of nsqjs's own connection options, with the name of a file as ca.
const fs = require('fs')
const nsq = require('nsqjs')

const [topic, countText, nsqd, lookup, optionsText] = process.argv.slice(2)
const options = JSON.parse(optionsText || '{}')
if (options.ca) options.ca = fs.readFileSync(options.ca)
const count = Number(countText)
const [host, port] = nsqd.split(':')
const seen = new Set()

setTimeout(() => { console.error('not done after 60 s'); process.exit(1) }, 60000).unref()

const writer = new nsq.Writer(host, Number(port), options)
writer.on('error', (error) => { console.error(error); process.exit(1) })
writer.on('ready', () => {
  let acknowledged = 0
  for (let i = 0; i < count; i++) {
    writer.publish(topic, String(i), (error) => {
      if (error) { console.error(error); process.exit(1) }
      acknowledged++
      if (acknowledged === count) {
        console.log('acknowledged ' + acknowledged)
        read()
      }
    })
  }
})
writer.connect()

function read () {
  const reader = new nsq.Reader(topic, 'nsqjs', {lookupdHTTPAddresses: lookup, lookupdPollInterval: 1, maxInFlight: 50, ...options})
  reader.on('message', (message) => {
    seen.add(message.body.toString())
    message.finish()
    if (seen.size === count) {
      setTimeout(() => { console.log('distinct ' + seen.size); process.exit(0) }, 300)
    }
  })
  reader.on('error', (error) => console.error(error))
  reader.connect()
}
